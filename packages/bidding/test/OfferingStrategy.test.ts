import { assert, describe, it } from "@effect/vitest"
import { OpenRequest } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { OfferingStrategy } from "../src/index.ts"
import { layerChain, makeClient } from "./bed.ts"

/** What is asked for space that costs so much, of a client that pays so much at the most. */
const priceOf = (cost: bigint, maxPrice: bigint, marginPercent?: bigint) =>
  Effect.gen(function* () {
    const client = yield* makeClient
    const request = client.compose({ maxPrice })
    const strategy = yield* OfferingStrategy
    return yield* strategy.price({ requestId: OpenRequest.id(request), request, cost })
  }).pipe(
    Effect.provide(OfferingStrategy.layerCostPlusMargin(marginPercent === undefined ? {} : { marginPercent })),
    Effect.provide(layerChain),
  )

describe("cost plus a margin", () => {
  it.effect("is ten per cent more than the cost, unless told otherwise", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* priceOf(1000n, 9999n), 1100n)
      assert.strictEqual(yield* priceOf(1000n, 9999n, 50n), 1500n)
      assert.strictEqual(yield* priceOf(1000n, 9999n, 0n), 1000n)
    }),
  )

  it.effect("is rounded up, to whole tokens", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* priceOf(1n, 9999n), 2n)
      assert.strictEqual(yield* priceOf(10n, 9999n), 11n)
      assert.strictEqual(yield* priceOf(11n, 9999n), 13n)
      assert.strictEqual(yield* priceOf(0n, 9999n), 0n)
    }),
  )

  it.effect("is what the client pays at the most, where that is less but covers the cost, exactly", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* priceOf(1000n, 1099n), 1099n)
      assert.strictEqual(yield* priceOf(1000n, 1000n), 1000n)
      const declined = yield* Effect.flip(priceOf(1000n, 999n))
      assert.strictEqual(declined.message, "The client pays at most 999 tokens; that much space costs 1000.")
    }),
  )
})
