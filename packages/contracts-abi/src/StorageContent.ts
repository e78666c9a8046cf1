import { Schema } from "effect"
import { Uint64 } from "./Uint.ts"

/** A text that has a UTF-8 encoding, so that it survives the way to the chain and back. */
const Utf8 = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((text) => text.isWellFormed() || "a text without lone surrogates, which UTF-8 cannot carry"),
  ),
)

/** The parameters of the proof scheme, opaque to the contract. Pecia's scheme: see `@pecia/proving`. */
export class StoragePor extends Schema.Class<StoragePor>("@pecia/contracts-abi/StoragePor")({
  u: Schema.Uint8Array,
  publicKey: Schema.Uint8Array,
  name: Schema.Uint8Array,
}) {}

/** What is to be stored. */
export class StorageContent extends Schema.Class<StorageContent>("@pecia/contracts-abi/StorageContent")({
  /** Names the dataset. The ABI could also carry bytes that are not UTF-8; a request with such a cid is refused when read. */
  cid: Utf8,
  erasure: Schema.Struct({ totalChunks: Uint64 }),
  por: StoragePor,
}) {
  /** How many bytes the texts of it take: the cid and the parameters of the proof scheme. */
  static byteLength({ cid, por }: StorageContent): number {
    return new TextEncoder().encode(cid).length + por.u.length + por.publicKey.length + por.name.length
  }
}
