import { Option, Result } from "effect"
import { AbiError } from "../AbiError.ts"
import { Address } from "../Address.ts"
import { Nonce } from "../Nonce.ts"
import { AbiReader } from "./AbiReader.ts"
import { AbiWriter, padded } from "./AbiWriter.ts"
import type { AbiRequest } from "./requestTuple.ts"

// abi.encode(request), one dynamic tuple: an offset, then the request's head with the ask inside it, then its content, whose head
// points to the cid and to the three parts of the proof's parameters. Written by hand for speed: an id is taken of each request.

const word = 32
const requestHead = 10 * word
const contentHead = 3 * word
const porHead = 3 * word

/** What a `bytes` or `string` takes: its length and itself. */
const sizeOf = (length: number) => word + padded(length)

export const encodeRequest = ([client, ask, [cidText, [totalChunks], por], expiry, nonce]: AbiRequest): Uint8Array => {
  const cid = new TextEncoder().encode(cidText)
  const [u, publicKey, name] = por
  const porAt = contentHead + sizeOf(cid.length)
  const publicKeyAt = porHead + sizeOf(u.length)
  const nameAt = publicKeyAt + sizeOf(publicKey.length)
  const writer = new AbiWriter(word + requestHead + porAt + nameAt + sizeOf(name.length))
  writer.offset(word).hex(client)
  for (const number of ask) writer.uint(number)
  writer.offset(requestHead).uint(expiry).hex(nonce)
  writer.offset(contentHead).uint(totalChunks).offset(porAt).dynamic(cid)
  writer.offset(porHead).offset(publicKeyAt).offset(nameAt).dynamic(u).dynamic(publicKey).dynamic(name)
  return writer.bytes
}

/** Accepts exactly what `encodeRequest` writes. */
export const decodeRequest = (bytes: Uint8Array): Result.Result<AbiRequest, AbiError> => {
  const reader = new AbiReader(bytes)
  reader.offset(word, "request")
  const client = reader.hex("client", 160)
  const ask = [
    reader.uint("slots", 64),
    reader.uint("slotSize"),
    reader.uint("duration"),
    reader.uint("proofProbability"),
    reader.uint("reward"),
    reader.uint("maxSlotLoss", 64),
  ] as const
  reader.offset(requestHead, "content")
  const expiry = reader.uint("expiry")
  const nonce = reader.hex("nonce")
  reader.offset(contentHead, "cid")
  const totalChunks = reader.uint("totalChunks", 64)
  const porAt = reader.uint("por")
  const cidStart = reader.at
  const cid = reader.text("cid")
  reader.same(porAt, contentHead + reader.at - cidStart, "por")
  const porStart = reader.at
  reader.offset(porHead, "u")
  const publicKeyAt = reader.uint("publicKey")
  const nameAt = reader.uint("name")
  const u = reader.dynamic("u")
  reader.same(publicKeyAt, reader.at - porStart, "publicKey")
  const publicKey = reader.dynamic("publicKey")
  reader.same(nameAt, reader.at - porStart, "name")
  const name = reader.dynamic("name")
  reader.end()
  return Option.match(reader.problem, {
    onNone: () =>
      Result.succeed([
        Address.make(client),
        ask,
        [cid, [totalChunks], [u, publicKey, name]],
        expiry,
        Nonce.make(nonce),
      ]),
    onSome: ({ problem, field }) => Result.fail(new AbiError({ noun: "StorageRequest", problem, detail: field })),
  })
}
