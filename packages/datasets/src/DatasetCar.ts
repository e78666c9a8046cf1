import * as DagCbor from "@ipld/dag-cbor"
import { Effect, Stream } from "effect"
import { varint } from "multiformats"
import type { Block, Cid } from "./Block.ts"
import type { BlockSource } from "./BlockSource.ts"
import type { InvalidManifest } from "./InvalidManifest.ts"
import { fileBlocks } from "./internal/fileBlocks.ts"
import { oneOf } from "./internal/oneOf.ts"
import { Manifest } from "./Manifest.ts"

/** A length, then so many bytes. */
const section = (...pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return Buffer.concat([varint.encodeTo(length, new Uint8Array(varint.encodingLength(length))), ...pieces])
}

const blockSection = ({ bytes, cid }: Block) => section(cid.bytes, bytes)

/**
 * A dataset as a CAR archive (version 1). Its roots are the file, which tools for IPFS read, and the manifest. The manifest's block comes
 * first, then the file's, nodes before what stands below them. `Datasets.importCar` reads it.
 */
export const DatasetCar = {
  /** Equal blocks are written as often as the file has them, so that nothing has to be remembered. */
  write: <E, R>(cid: Cid, source: BlockSource<E, R>): Stream.Stream<Uint8Array, E | InvalidManifest, R> =>
    Effect.gen(function* () {
      const block = yield* oneOf(source, cid)
      const manifest = yield* Effect.fromResult(Manifest.decode(block))
      const header = section(DagCbor.encode({ version: 1, roots: [manifest.content, cid] }))
      return Stream.make(header, blockSection(block)).pipe(
        Stream.concat(Stream.map(fileBlocks(manifest, source), blockSection)),
      )
    }).pipe(Stream.unwrap, Stream.withSpan("DatasetCar.write")),
}
