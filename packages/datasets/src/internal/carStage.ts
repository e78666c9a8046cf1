import { Effect, Stream } from "effect"
import { type Block, blockSizeBytes, type Cid, isDataCid, isMetadataCid } from "../Block.ts"
import type { BlockSpace } from "../BlockSpace.ts"
import type { BlockStore } from "../BlockStore.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { FileTree } from "../FileTree.ts"
import { InvalidCar } from "../InvalidCar.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { datasetSizeBytesMax, Manifest } from "../Manifest.ts"
import { blockKey } from "./blockKey.ts"
import { carParts } from "./carSections.ts"
import { checkLength } from "./checkLength.ts"
import type { startProgress } from "./progress.ts"
import { putStream } from "./putStream.ts"

const invalid = (detail: string) => new InvalidCar({ detail })

/** Fills a volume with the blocks of an archive, and answers with the manifest of the one dataset that they are, and nothing else. */
export const stageCar = Effect.fnUntraced(function* <E, R>(
  store: BlockStore["Service"],
  space: BlockSpace["Service"],
  volume: string,
  bytes: Stream.Stream<Uint8Array, E, R>,
  progress: Effect.Success<ReturnType<typeof startProgress>>,
) {
  /** How long each block is. */
  const lengths = new Map<string, number>()
  let roots: ReadonlyArray<Cid> = []
  const blocks = carParts(bytes).pipe(
    Stream.map((part): ReadonlyArray<Block> => {
      if (part._tag === "Block") return [part.block]
      roots = part.roots
      return []
    }),
    Stream.flatMap(Stream.fromIterable),
    Stream.filter(({ bytes, cid }) => {
      const isNew = !lengths.has(blockKey(cid))
      lengths.set(blockKey(cid), bytes.length)
      return isNew
    }),
    Stream.tap(({ bytes, cid }) => (isDataCid(cid) ? progress.add(bytes.length) : Effect.void)),
  )
  yield* putStream(store, space, volume, blocks)

  const used = new Set<string>()
  const use = (cid: Cid) =>
    Effect.suspend(() => {
      const length = lengths.get(blockKey(cid))
      if (length === undefined) return Effect.fail(invalid(`block ${cid} is missing`))
      used.add(blockKey(cid))
      return Effect.succeed(length)
    })
  const read = Effect.fnUntraced(function* (cid: Cid) {
    yield* use(cid)
    const bytes = yield* store
      .get(cid)
      .pipe(
        Effect.catchTag(["BlockNotFound", "BlockCorrupt"], (cause) =>
          Effect.fail(new BlockStoreError({ operation: "import", cause })),
        ),
      )
    return { cid, bytes }
  })

  const manifest = yield* manifestOf(roots, read)
  yield* FileTree.leaves(manifest.content, manifest.sizeBytes, (node) => Stream.fromEffect(read(node))).pipe(
    Stream.zipWithIndex,
    Stream.runForEach(([leaf, index]) => Effect.flatMap(use(leaf), (length) => checkLength(manifest, index, length))),
  )
  if (used.size < lengths.size)
    return yield* invalid(`${lengths.size - used.size} of its blocks do not belong to ${manifest.content}`)
  return manifest
})

/** The manifest that is among the roots, or one for the file that is the only root. */
const manifestOf = Effect.fnUntraced(function* <E>(
  roots: ReadonlyArray<Cid>,
  read: (cid: Cid) => Effect.Effect<Block, E>,
) {
  const [cid, other] = roots.filter(isMetadataCid)
  const [content, another] = roots.filter((root) => !isMetadataCid(root))
  if (other !== undefined || another !== undefined)
    return yield* invalid(`it has ${roots.length} roots, and one dataset has a manifest and a file`)
  if (cid !== undefined) {
    const manifest = yield* Effect.fromResult(Manifest.decode(yield* read(cid)))
    if (content !== undefined && !manifest.content.equals(content))
      return yield* invalid(`its root ${content} is not the file of its manifest ${cid}`)
    return manifest
  }
  if (content === undefined) return yield* invalid("it has no root")
  const sizeBytes = yield* Effect.fromResult(FileTree.claimedSize(yield* read(content)))
  if (sizeBytes > datasetSizeBytesMax)
    return yield* new InvalidManifest({
      cid: content,
      detail: `it claims ${sizeBytes} bytes; ${datasetSizeBytesMax} are the limit`,
    })
  return { sizeBytes, blockSizeBytes, content, filename: null, mimetype: null } satisfies Manifest
})
