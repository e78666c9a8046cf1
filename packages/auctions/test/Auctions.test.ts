import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { layerChain, makeClient, makeHost, maxPrice, pass, passUntil, start, terms, wallet } from "./bed.ts"

describe("an auction", () => {
  it.effect("is sent, sold, started and finished, strictly after the end of its contract", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const { auctions, name, reaches, report } = yield* client.run()
      const [auction] = yield* auctions.open([terms()])
      const { id } = auction
      assert.strictEqual(auction.request.client, client.account)
      assert.strictEqual(auction.request.expiry, start + 600n)
      const seen = yield* Effect.forkChild(Stream.runCollect(auction.states), { startImmediately: true })
      yield* reaches(id, "open")
      assert.strictEqual(yield* client.tokens, wallet - maxPrice)
      const offerId = yield* host.offer(id, 600n)
      assert.deepStrictEqual((yield* report(id))?.offers, Option.some(1))
      yield* pass(149n)
      assert.strictEqual(yield* name(id), "open")
      yield* pass(1n)
      yield* reaches(id, "selected")
      // The difference came back at once.
      assert.strictEqual(yield* client.tokens, wallet - 600n)
      const selected = Option.getOrThrow((yield* report(id))?.selected ?? Option.none())
      assert.strictEqual(selected.offerId, offerId)
      assert.strictEqual(selected.offer.host, host.account)
      yield* pass(50n)
      yield* host.market.startContract(offerId)
      yield* reaches(id, "started")
      yield* passUntil(start + 3800n)
      assert.strictEqual(yield* name(id), "started")
      yield* pass(1n)
      yield* reaches(id, "finished")
      assert.deepStrictEqual(yield* auction.awaitEnd, { _tag: "Finished", ...selected })
      assert.deepStrictEqual(
        (yield* Fiber.join(seen)).map(({ _tag }) => _tag),
        ["Pending", "Open", "Selected", "Started", "Ended"],
      )
      assert.deepStrictEqual(yield* auction.error, Option.none())
      assert.strictEqual(yield* client.tokens, wallet - 600n)
    }).pipe(Effect.provide(layerChain)),
  )
})
