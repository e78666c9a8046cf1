import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto"
import type { ConnectionEncrypter, MessageStream } from "@libp2p/interface"
import { type ICryptoInterface, type NoiseComponents, noise } from "@libp2p/noise"
import { defaultCrypto } from "@libp2p/noise/crypto"
import { Uint8ArrayList } from "uint8arraylist"

const cipher = "chacha20-poly1305"
const authTagLength = 16

/** Below this many bytes noise's own implementation in WebAssembly is faster than a call of node's. */
const smallSizeBytes = 1_200

/** Node takes longer to make a key of bytes than to encrypt some kilobytes with it. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()
const keyObject = (key: Uint8Array): KeyObject => {
  const known = keyObjects.get(key) ?? createSecretKey(key)
  keyObjects.set(key, known)
  return known
}

/** Noise's cryptography, where the cipher of large messages copies them less. */
const crypto: ICryptoInterface = {
  ...defaultCrypto,

  chaCha20Poly1305Encrypt: (plaintext, nonce, ad, key) => {
    if (plaintext.byteLength < smallSizeBytes) return defaultCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, key)
    const encrypting = createCipheriv(cipher, keyObject(key), nonce, { authTagLength })
    encrypting.setAAD(ad, { plaintextLength: plaintext.byteLength })
    const encrypted = new Uint8ArrayList()
    for (const part of plaintext instanceof Uint8Array ? [plaintext] : plaintext)
      encrypted.append(encrypting.update(part))
    encrypted.append(encrypting.final())
    encrypted.append(encrypting.getAuthTag())
    return encrypted
  },

  chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, key, place) => {
    if (ciphertext.byteLength < smallSizeBytes)
      return defaultCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key, place)
    const end = ciphertext.byteLength - authTagLength
    const decrypting = createDecipheriv(cipher, keyObject(key), nonce, { authTagLength })
    decrypting.setAAD(ad, { plaintextLength: end })
    decrypting.setAuthTag(ciphertext.subarray(end))
    // The place that noise gives for the plaintext is a copy of the ciphertext in one piece.
    const plaintext = decrypting.update(place?.length === end ? place : ciphertext.subarray(0, end))
    decrypting.final()
    return plaintext
  },
}

/** A TCP socket is written to once for each piece of a list, and noise makes three pieces or more of each message. */
const inOnePiece = (connection: MessageStream): MessageStream => {
  const send = connection.send.bind(connection)
  connection.send = (data) => send(data.subarray())
  return connection
}

/** Noise as anybody speaks it, at two thirds of the CPU time for blocks. */
export const secureChannel = (components: NoiseComponents): ConnectionEncrypter => {
  const encrypter = noise({ crypto })(components)
  return {
    protocol: encrypter.protocol,
    secureInbound: (connection, options) => encrypter.secureInbound(inOnePiece(connection), options),
    secureOutbound: (connection, options) => encrypter.secureOutbound(inOnePiece(connection), options),
  }
}
