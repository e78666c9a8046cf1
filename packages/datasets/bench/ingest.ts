// Ingest of 128 MiB (cut, hash, write durably, code 4 + 2 slots, hash their trees) against each of its stages alone.
// node --conditions=@pecia/source bench/ingest.ts
import { randomFillSync } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Block, BlockSpace, BlockStore, Datasets, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { BlockRoots } from "@pecia/trees"
import { Console, Context, Duration, Effect, Layer, Result, Stream } from "effect"

const runs = 3
const target = 0.5
const shape = { data: 4, parity: 2 }
const blocks = 2048
const blockBytes = 65_536
const stripes = blocks / shape.data

const chunks = Array.from({ length: blocks }, () => randomFillSync(new Uint8Array(blockBytes)))
const stripeOf = (i: number) => chunks.slice(i * shape.data, (i + 1) * shape.data)
const everyStripe = Array.from({ length: stripes }, (_, i) => i)

/** A store of its own in a folder that goes with the scope. */
const layerStore = Layer.unwrap(
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "pecia-bench-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
    )
    return Slots.layer.pipe(
      Layer.provideMerge(Datasets.layer),
      Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
      Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 2n ** 32n })),
    )
  }),
)

const ingest = Effect.gen(function* () {
  const { cid } = yield* (yield* Datasets).upload(Stream.fromIterable(chunks))
  yield* (yield* Slots).lay(cid, shape)
})

const stages = {
  "cut and hash": Effect.sync(() => {
    for (const chunk of chunks) Result.getOrThrow(Block.data(chunk))
  }),
  code: Effect.gen(function* () {
    const { encode } = yield* ErasureCode
    yield* Effect.forEach(everyStripe, (i) => encode(stripeOf(i), shape.parity), { concurrency: 4, discard: true })
  }),
  // As many bytes as data and parity have.
  trees: Effect.gen(function* () {
    const { of } = yield* BlockRoots
    const six = (i: number) => [...stripeOf(i), ...stripeOf((i + 1) % stripes).slice(0, shape.parity)]
    yield* Effect.forEach(everyStripe, (i) => of(six(i)), { concurrency: 4, discard: true })
  }),
  "write durably": Effect.gen(function* () {
    const { hold } = yield* BlockSpace
    const { put } = yield* BlockStore
    yield* hold("bench", BigInt(blocks * blockBytes * 2))
    const half = chunks.slice(0, blocks / 2).map((chunk) => chunk.map((byte) => byte ^ 1))
    yield* Effect.forEach([...chunks, ...half], (chunk) => put("bench", Result.getOrThrow(Block.data(chunk))), {
      concurrency: 8,
      discard: true,
    })
  }),
}

type Needs = Layer.Success<typeof layerStore> | ErasureCode | BlockRoots

await Effect.gen(function* () {
  const threads = yield* Layer.build(Layer.merge(ErasureCode.layer, BlockRoots.layer))
  const seconds = (work: Effect.Effect<unknown, unknown, Needs>) =>
    Effect.scoped(
      Effect.flatMap(Layer.build(layerStore.pipe(Layer.provideMerge(Layer.succeedContext(threads)))), (context) =>
        Effect.timed(Effect.provideContext(work, Context.merge(threads, context))),
      ),
    ).pipe(Effect.map(([duration]) => Duration.toSeconds(duration)))

  const ratios: Array<number> = []
  for (let run = 0; run < runs; run++) {
    let slowest = { name: "", seconds: 0 }
    const told: Array<string> = []
    for (const [name, stage] of Object.entries<Effect.Effect<unknown, unknown, Needs>>(stages)) {
      const taken = yield* seconds(stage)
      told.push(`${name} ${taken.toFixed(2)} s`)
      if (taken > slowest.seconds) slowest = { name, seconds: taken }
    }
    const whole = yield* seconds(ingest)
    ratios.push(slowest.seconds / whole)
    yield* Console.log(`128 MiB: ${told.join(", ")}; ingest ${whole.toFixed(2)} s`)
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
  yield* Console.log(
    `speed of ingest / its slowest stage: ${median.toFixed(2)} (median of ${runs} runs; target: at least ${target})`,
  )
}).pipe(Effect.scoped, Effect.runPromise)
