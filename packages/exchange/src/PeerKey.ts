import * as fs from "node:fs/promises"
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys"
import type { PrivateKey } from "@libp2p/interface"
import { Effect, Predicate, Redacted } from "effect"
import { InvalidPeerKey } from "./ExchangeError.ts"

/** The private key behind a peer id: libp2p's protobuf form. */
export type PeerKey = Redacted.Redacted<Uint8Array>

const generate: Effect.Effect<PeerKey> = Effect.promise(() => generateKeyPair("Ed25519")).pipe(
  Effect.map((key) => Redacted.make(privateKeyToProtobuf(key))),
)

const isMissing = (cause: unknown) => Predicate.hasProperty(cause, "code") && cause.code === "ENOENT"

const create = Effect.fnUntraced(function* (file: string) {
  const key = yield* generate
  const text = `${Buffer.from(Redacted.value(key)).toString("base64")}\n`
  yield* Effect.tryPromise({
    try: () => fs.writeFile(file, text, { mode: 0o600, flag: "wx", flush: true }),
    catch: (cause) => new InvalidPeerKey({ source: file, detail: `the file cannot be written (${cause})` }),
  })
  return key
})

/** The key in libp2p's own type. The bytes never show up in the error. */
export const decode = (key: PeerKey, source: string): Effect.Effect<PrivateKey, InvalidPeerKey> =>
  Effect.try({
    try: () => privateKeyFromProtobuf(Redacted.value(key)),
    catch: () => new InvalidPeerKey({ source, detail: "it is not a libp2p private key in protobuf form" }),
  })

export const PeerKey = {
  /** A new Ed25519 key. */
  generate,

  /** Reads the key from a file of mode 0600 (base64); makes both when there is no such file. */
  fromFile: Effect.fn("PeerKey.fromFile")(function* (file: string): Effect.fn.Return<PeerKey, InvalidPeerKey> {
    const invalid = (detail: string) => new InvalidPeerKey({ source: file, detail })
    const mode = yield* Effect.tryPromise({
      try: async () => (await fs.stat(file)).mode,
      catch: (cause) => (isMissing(cause) ? undefined : invalid(`the file cannot be read (${cause})`)),
    }).pipe(Effect.catch((error) => (error === undefined ? Effect.undefined : Effect.fail(error))))
    if (mode === undefined) return yield* create(file)
    if ((mode & 0o077) !== 0) return yield* invalid("others can read the file; run chmod 600 on it")
    const text = yield* Effect.tryPromise({
      try: () => fs.readFile(file, "utf8"),
      catch: (cause) => invalid(`the file cannot be read (${cause})`),
    })
    const key: PeerKey = Redacted.make(Uint8Array.from(Buffer.from(text, "base64")))
    yield* decode(key, file)
    return key
  }),
}
