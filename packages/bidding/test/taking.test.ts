import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerChain, makeClient, makeHost, passUntil, size, start } from "./bed.ts"

describe("a host", () => {
  it.effect("offers for a request, keeps its data once selected, and is paid the price", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { bidding, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.collateral, 100n)
      assert.deepStrictEqual(host.storage.calls, [])
      yield* passUntil(start + 100n)
      const offerId = yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      assert.deepStrictEqual(yield* bidding.contracts, [{ offerId, request: asked.request }])
      yield* passUntil(start + 100n + asked.request.duration)
      yield* reaches(asked, "started")
      yield* passUntil(start + 100n + asked.request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.deepStrictEqual(yield* bidding.contracts, [])
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.freeBytes, size)
      assert.strictEqual(host.storage.stored.size, 0)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n + 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )
})
