import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, type Layer, Stream } from "effect"
import type { Cid } from "../Block.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { dataBlock, putAll } from "./internal/fixtures.ts"

/** Changes what a store keeps, as a bad disk would: behind its back. */
export class Damage extends Context.Service<
  Damage,
  {
    /** Flips a bit of a block. */
    readonly alter: (volume: string, cid: Cid) => Effect.Effect<void>
    readonly lose: (volume: string, cid: Cid) => Effect.Effect<void>
  }
>()("@pecia/datasets/testing/Damage") {}

const block = dataBlock(1)
const other = dataBlock(2)

const told = (corruptions: ReadonlyArray<{ readonly volume: string; readonly cid: Cid }>) =>
  corruptions.map(({ cid, volume }) => `${volume} ${cid}`)

const known = (count: number) =>
  Effect.flatMap(BlockStore, (store) => Effect.map(Stream.runCollect(Stream.take(store.corruptions, count)), told))

/** What every BlockStore does about damage. `layer` is built anew for each test. */
export const suite = <E>(name: string, layer: Layer.Layer<BlockStore | BlockSpace | Damage, E>) =>
  describe(name, () => {
    const test = <A, E2>(sentence: string, effect: Effect.Effect<A, E2, BlockStore | BlockSpace | Damage>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    test(
      "a block that was altered is noticed when it is read, and reported once to each who listens then or later",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const damage = yield* Damage
        yield* putAll("a", [block, other])
        const listener = yield* Effect.forkChild(known(2), { startImmediately: true })
        yield* damage.alter("a", block.cid)
        assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockCorrupt")
        assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockCorrupt")
        yield* damage.alter("a", other.cid)
        yield* Effect.flip(store.get(other.cid))
        const both = [`a ${block.cid}`, `a ${other.cid}`]
        assert.deepStrictEqual(yield* Fiber.join(listener), both)
        assert.deepStrictEqual(yield* known(2), both)
      }),
    )

    test(
      "a block that was lost is BlockNotFound, and reported as well",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [block])
        yield* (yield* Damage).lose("a", block.cid)
        assert.strictEqual((yield* Effect.flip(store.get(block.cid)))._tag, "BlockNotFound")
        assert.deepStrictEqual(yield* known(1), [`a ${block.cid}`])
      }),
    )

    test(
      "a block that is damaged in one volume is answered from another, and the damage is reported",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [block])
        yield* putAll("b", [block])
        yield* (yield* Damage).alter("a", block.cid)
        assert.deepStrictEqual(Uint8Array.from(yield* store.get(block.cid)), block.bytes)
        assert.deepStrictEqual(yield* known(1), [`a ${block.cid}`])
      }),
    )

    test(
      "a check of a damaged block is false, and reports it each time",
      Effect.gen(function* () {
        const store = yield* BlockStore
        yield* putAll("a", [block])
        yield* (yield* Damage).alter("a", block.cid)
        const listener = yield* Effect.forkChild(known(2), { startImmediately: true })
        assert.isFalse(yield* store.check("a", block.cid))
        assert.isFalse(yield* store.check("a", block.cid))
        assert.deepStrictEqual(yield* Fiber.join(listener), [`a ${block.cid}`, `a ${block.cid}`])
      }),
    )

    test(
      "an intact copy replaces what was altered or lost, without bytes being held, by any number at once",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const space = yield* BlockSpace
        const damage = yield* Damage
        yield* putAll("a", [block, other])
        const before = yield* store.volumes
        yield* damage.alter("a", block.cid)
        yield* damage.lose("a", other.cid)
        yield* Effect.flip(store.get(block.cid))
        yield* Effect.forEach(
          Array.from({ length: 20 }),
          () => Effect.all([store.put("a", block), store.put("a", other)]),
          {
            concurrency: "unbounded",
          },
        )
        assert.deepStrictEqual(Uint8Array.from(yield* store.get(block.cid)), block.bytes)
        assert.isTrue(yield* store.check("a", other.cid))
        assert.deepStrictEqual(yield* store.volumes, before)
        yield* space.trim("a")
        assert.deepStrictEqual(yield* store.volumes, before)
        // What was mended is not known as damaged any more.
        yield* damage.alter("a", other.cid)
        yield* Effect.flip(store.get(other.cid))
        assert.deepStrictEqual(yield* known(1), [`a ${other.cid}`])
      }),
    )

    test(
      "what is only dropped or renamed while it is read is not reported",
      Effect.gen(function* () {
        const store = yield* BlockStore
        const damage = yield* Damage
        yield* putAll("last", [other])
        const reads = Effect.forEach(Array.from({ length: 40 }), () =>
          Effect.all([Effect.ignore(store.get(block.cid)), store.check("a", block.cid), store.check("b", block.cid)]),
        )
        const changes = Effect.forEach(Array.from({ length: 10 }), () =>
          Effect.gen(function* () {
            yield* putAll("a", [block])
            yield* store.rename("a", "b")
            yield* store.drop("b")
          }),
        )
        const listener = yield* Effect.forkChild(known(1), { startImmediately: true })
        yield* Effect.all([changes, reads, reads], { concurrency: "unbounded" })
        yield* damage.alter("last", other.cid)
        yield* Effect.flip(store.get(other.cid))
        assert.deepStrictEqual(yield* Fiber.join(listener), [`last ${other.cid}`])
      }),
    )
  })
