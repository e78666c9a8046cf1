import { assert, describe, it } from "@effect/vitest"
import type { OfferMarket } from "@pecia/market"
import { Deferred, Effect, Fiber, Option } from "effect"
import { layerChain, lingering, makeClient, makeHost, pass, settle, terms, wallet } from "./bed.ts"

describe("a client that stops", () => {
  it.effect("lets a selection that is on its way arrive, and knows of it when it is started again", () =>
    Effect.gen(function* () {
      const sent = yield* Deferred.make<void>()
      const mined = yield* Deferred.make<void>()
      const mining = yield* lingering(Deferred.await(mined))
      const client = yield* makeClient({
        market: ({ selectOffer }) => ({
          selectOffer: (offerId) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(mining),
              Effect.ensuring(Effect.ignore(selectOffer(offerId))),
            ),
        }),
      })
      const host = yield* makeHost
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* settle
      const offerId = yield* host.offer(id, 600n)
      yield* pass(150n)
      yield* Deferred.await(sent)
      const stopping = yield* Effect.forkChild(first.stop, { startImmediately: true })
      yield* settle
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(mined, undefined)
      yield* Fiber.join(stopping)
      assert.deepStrictEqual(yield* client.market.selectedOffer(id), Option.some(offerId))
      const second = yield* client.run()
      yield* second.reaches(id, "selected")
      assert.strictEqual(yield* client.tokens, wallet - 600n)
    }).pipe(Effect.provide(layerChain)),
  )

  const sending: ReadonlyArray<keyof OfferMarket["Service"]> = [
    "approveFunds",
    "requestStorage",
    "selectOffer",
    "withdrawFunds",
  ]
  for (const member of sending) {
    it.effect(`does so within ten seconds, although the outcome of ${member} is never known`, () =>
      Effect.gen(function* () {
        const sent = yield* Deferred.make<void>()
        const lost = yield* lingering(Effect.never)
        const client = yield* makeClient({
          market: () => ({ [member]: () => Effect.andThen(Deferred.succeed(sent, undefined), lost) }),
        })
        const host = yield* makeHost
        const { auctions, stop } = yield* client.run()
        const [{ id }] = yield* auctions.open([terms()])
        yield* settle
        if (member === "selectOffer") yield* Effect.andThen(host.offer(id, 1n), pass(150n))
        if (member === "withdrawFunds") yield* pass(600n)
        yield* Deferred.await(sent)
        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* pass(9n)
        assert.isUndefined(stopping.pollUnsafe())
        yield* pass(1n)
        assert.isDefined(stopping.pollUnsafe())
      }).pipe(Effect.provide(layerChain)),
    )
  }
})
