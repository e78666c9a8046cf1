import { type Cid, sizeBytesMax } from "@pecia/datasets"

/** CIDs in their order, so many together as cannot be more than `bytesMax` bytes of blocks; a block that may be larger is alone. */
export function* batchesOf(
  cids: ReadonlyArray<Cid>,
  limit: { readonly blocksMax: number; readonly bytesMax: number },
): Generator<ReadonlyArray<Cid>> {
  let batch: Array<Cid> = []
  let bytes = 0
  for (const cid of cids) {
    if (batch.length === limit.blocksMax || (batch.length > 0 && bytes + sizeBytesMax(cid) > limit.bytesMax)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(cid)
    bytes += sizeBytesMax(cid)
  }
  if (batch.length > 0) yield batch
}
