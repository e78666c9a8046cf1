import { assert, describe, it } from "@effect/vitest"
import { SlotId } from "@pecia/contracts-abi"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Market, MemoryChain, MemoryMarket } from "../src/index.ts"
import { keccak256Of } from "../src/internal/keccak256.ts"

describe("MemoryChain", () => {
  it.effect("stamps a block with the time of the clock, and with nothing earlier than the block before it", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      yield* TestClock.adjust("90 seconds")
      yield* chain.mine()
      assert.deepStrictEqual(yield* chain.head, { number: 258n, timestamp: 90n })
      yield* chain.mine(2n)
      assert.deepStrictEqual(yield* chain.head, { number: 260n, timestamp: 90n })
      yield* TestClock.setTime(10_000)
      assert.strictEqual(yield* chain.now, 90n)
    }).pipe(Effect.provide(MemoryChain.layer())),
  )

  it.effect("goes on with the clock from the time that it was advanced to, and never back", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      yield* chain.advanceTo(1_000n)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* chain.now, 1_005n)
      yield* chain.advanceTo(1_000n)
      assert.deepStrictEqual(yield* chain.head, { number: 259n, timestamp: 1_005n })
    }).pipe(Effect.provide(MemoryChain.layer())),
  )

  it.effect("mines one block for a transaction that succeeds and none for one that fails", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const market = yield* Market
      const before = (yield* chain.head).number
      yield* market.approveFunds(1n)
      assert.strictEqual((yield* chain.head).number, before + 1n)
      yield* Effect.flip(market.deposit(2n))
      assert.strictEqual((yield* chain.head).number, before + 1n)
    }).pipe(Effect.provide(MemoryMarket.layerTest())),
  )

  it.effect("shows its latest block first and then each newer one", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const seen = yield* chain.blocks.pipe(
        Stream.take(3),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true }),
      )
      yield* chain.advanceTo(7n)
      yield* Effect.yieldNow
      yield* chain.mine(10n)
      assert.deepStrictEqual(yield* Fiber.join(seen), [
        { number: 257n, timestamp: 0n },
        { number: 258n, timestamp: 7n },
        { number: 268n, timestamp: 7n },
      ])
    }).pipe(Effect.provide(MemoryChain.layer())),
  )

  it.effect("makes challenges of the block hashes that it is given", () =>
    Effect.gen(function* () {
      const { getChallenge, getPointer } = yield* Market
      const slot = SlotId.make(`0x${"ab".repeat(32)}`)
      const { number } = yield* (yield* MemoryChain).head
      const named = number - (yield* getPointer(slot))
      assert.strictEqual(BigInt(yield* getChallenge(slot)), keccak256Of(named * 3n))
    }).pipe(Effect.provide(MemoryMarket.layerTest({ blockHash: (number) => number * 3n }))),
  )

  it.effect("gives each asker an account of its own", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      assert.notStrictEqual(yield* chain.newAccount, yield* chain.newAccount)
    }).pipe(Effect.provide(MemoryChain.layer())),
  )
})
