import * as DagCbor from "@ipld/dag-cbor"
import { Result, Schema } from "effect"
import { Block, isMetadataCid } from "../Block.ts"
import { InvalidManifest } from "../InvalidManifest.ts"

/** What has been checked by its Schema and encodes to more than a block may have is the caller's mistake. */
export const encode = (value: unknown): Block => Result.getOrThrow(Block.metadata(DagCbor.encode(value)))

/** Reads a stranger's block, which must be what we would write. */
export const decode = <A, E>(schema: Schema.Codec<A, E>, block: Block): Result.Result<A, InvalidManifest> => {
  const invalid = (detail: string) => new InvalidManifest({ cid: block.cid, detail })
  if (!isMetadataCid(block.cid)) return Result.fail(invalid("its CID is not one of dag-cbor"))
  return Result.try({
    try: (): unknown => DagCbor.decode(block.bytes),
    catch: (cause) => invalid(`not dag-cbor (${cause instanceof Error ? cause.message : String(cause)})`),
  }).pipe(
    Result.flatMap((value) =>
      Schema.decodeUnknownResult(schema)(value).pipe(
        Result.mapError((error) => invalid(error.message.replaceAll("\n", " "))),
      ),
    ),
    // One value has one encoding: this refuses unknown fields, doubled keys and other orders of the same fields.
    Result.filterOrFail(
      (value) => Buffer.compare(DagCbor.encode(value), block.bytes) === 0,
      () => invalid("it is not in canonical form"),
    ),
  )
}
