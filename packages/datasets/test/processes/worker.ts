/**
 * Works at random on a store until it is killed: node worker.ts DIRECTORY LEDGER SEED
 *
 * Says what it is about to take away before, and what was stored after it was answered; `at` is the seed of a block:
 * "put VOLUME AT", "dropping VOLUME", "dropped VOLUME", "renaming FROM TO", "renamed FROM TO", "cached VOLUME", "evicting", "evicted".
 */
import { writeSync } from "node:fs"
import { Effect, Layer, Random } from "effect"
import { BlockSpace, BlockStore } from "../../src/index.ts"
import { crashBlock, crashQuotaBytes } from "./crashBlock.ts"
import { journaledSpace } from "./journaledSpace.ts"

const [directory = "", ledger = "", seed = ""] = process.argv.slice(2)

const say = (line: string) => Effect.sync(() => void writeSync(1, `${line}\n`))

const volumes = ["a", "b", "c", "d"]

const step = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  const volume = (yield* Random.shuffle(volumes))[0] ?? "a"
  const to = (yield* Random.shuffle(volumes))[0] ?? "a"
  const put = Effect.gen(function* () {
    const at = yield* Random.nextIntBetween(0, 400)
    yield* space.hold(volume, BigInt(crashBlock(at).bytes.length))
    yield* store.put(volume, crashBlock(at))
    yield* say(`put ${volume} ${at}`)
  })
  const drop = say(`dropping ${volume}`).pipe(
    Effect.andThen(store.drop(volume)),
    Effect.andThen(say(`dropped ${volume}`)),
  )
  const rename = say(`renaming ${volume} ${to}`).pipe(
    Effect.andThen(store.rename(volume, to)),
    Effect.andThen(say(`renamed ${volume} ${to}`)),
  )
  const cache = Effect.andThen(store.cache(volume), say(`cached ${volume}`))
  const evict = say("evicting").pipe(Effect.andThen(store.evict(1n)), Effect.andThen(say("evicted")))
  // Many puts side by side for each of the others, which happen alone so that what they say is in their order.
  yield* Effect.all(
    Array.from({ length: 12 }, () => Effect.ignore(put)),
    { concurrency: 8 },
  )
  const others = [drop, rename, cache, Effect.andThen(cache, evict)]
  yield* Effect.ignore((yield* Random.shuffle(others))[0] ?? Effect.void)
})

await Effect.runPromise(
  Effect.forever(step).pipe(
    Random.withSeed(seed),
    Effect.provide(
      BlockStore.layerFileSystem({ directory }).pipe(Layer.provideMerge(journaledSpace(ledger, crashQuotaBytes))),
    ),
  ),
)
