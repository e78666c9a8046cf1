/**
 * Uploads so many bytes into a file store, lays them out and reads them back without so many slots as there is parity; then prints what it
 * took. Its memory is measured, so that nothing else may happen in this process.
 */
import { createCipheriv, createHash } from "node:crypto"
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Clock, Console, Effect, Layer, Stream } from "effect"
import { BlockNotFound, BlockSource, BlockSpace, BlockStore, type Cid, Datasets, Slots } from "../../src/index.ts"

const [directory = "", size = "", data = "", parity = ""] = process.argv.slice(2)
const sizeBytes = Number(size)
const chunkBytes = 1_048_576

/** Bytes that do not repeat, and the sha2-256 of all of them. */
const generated = () => {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 7), Buffer.alloc(16))
  const hash = createHash("sha256")
  const zeros = Buffer.alloc(chunkBytes)
  const bytes = Stream.range(1, Math.ceil(sizeBytes / chunkBytes)).pipe(
    Stream.rechunk(1),
    Stream.map((n) => {
      const chunk = cipher.update(zeros.subarray(0, Math.min(chunkBytes, sizeBytes - (n - 1) * chunkBytes)))
      hash.update(chunk)
      return chunk
    }),
  )
  return { bytes, digest: () => hash.digest("hex") }
}

const seconds = <A, E, R>(step: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeMillis
    const result = yield* step
    return { result, seconds: ((yield* Clock.currentTimeMillis) - start) / 1000 }
  })

const peakMiB = () => Math.round(process.resourceUsage().maxRSS / 1024)

const program = Effect.gen(function* () {
  const input = generated()
  const upload = yield* seconds((yield* Datasets).upload(input.bytes))
  const afterUpload = peakMiB()
  const slots = yield* Slots
  const lay = yield* seconds(slots.lay(upload.result.cid, { data: Number(data), parity: Number(parity) }))
  const afterLay = peakMiB()
  const { cid, manifest } = lay.result
  const lost = new Set(manifest.slots.slice(0, Number(parity)).flatMap(({ parts }) => parts.map(String)))
  const here = BlockSource.fromStore(yield* BlockStore)
  const source = (cids: ReadonlyArray<Cid>) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const gone = cids.find((name) => lost.has(String(name)))
        return gone === undefined ? here(cids) : yield* new BlockNotFound({ cid: gone })
      }),
    )
  const output = createHash("sha256")
  const read = yield* seconds(
    Stream.runForEach(slots.read(cid, source), (bytes) => Effect.sync(() => void output.update(bytes))),
  )
  yield* Console.log(
    JSON.stringify({
      isEqual: input.digest() === output.digest("hex"),
      uploadSeconds: upload.seconds,
      laySeconds: lay.seconds,
      readSeconds: read.seconds,
      peakMiB: { afterUpload, afterLay, afterRead: peakMiB() },
    }),
  )
}).pipe(
  Effect.provide(
    Slots.layer.pipe(
      Layer.provideMerge(Datasets.layer),
      Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
      Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
      Layer.provide([ErasureCode.layer, BlockRoots.layer]),
    ),
  ),
)

await Effect.runPromise(program)
