import { assert, describe } from "@effect/vitest"
import { OpenRequest } from "@pecia/contracts-abi"
import { Effect, Fiber, Stream } from "effect"
import { OfferAlreadySelected } from "../../OfferError.ts"
import { nextBlock, once } from "../History.ts"
import { failsWith } from "../Scenario.ts"
import { concerns, newCaller, offerEventsSince } from "./OfferHistory.ts"
import { finished, newOpenRequest, type OfferIt, selected } from "./OfferScenario.ts"

/** The stream of events. What each call tells: see the other files. */
export const events = (it: OfferIt) =>
  describe("events", () => {
    it.effect("tell the life of a contract from its request on, each in a later block, to each reader", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const { offerId, requestId } = yield* finished()
        const told = yield* offerEventsSince(from, offerId, requestId)
        assert.deepStrictEqual(
          told.map(({ _tag }) => _tag),
          ["StorageRequested", "StorageOffered", "OfferSelected", "ContractStarted", "ContractFinished"],
        )
        assert.deepStrictEqual(yield* offerEventsSince(from, offerId, requestId), told)
        told.forEach(({ blockNumber }, index) => {
          assert.isTrue(index === 0 || blockNumber > (told[index - 1]?.blockNumber ?? 0n))
        })
        const [, second] = told
        if (second === undefined) return assert.fail("an event")
        assert.deepStrictEqual(yield* offerEventsSince(second.blockNumber, offerId, requestId), told.slice(1))
      }),
    )

    it.effect("are followed after the replay, and none is lost between the two", () =>
      Effect.gen(function* () {
        const { call, offers } = yield* newCaller
        const nonces = Array.from({ length: 12 }, (_, nonce) => nonce)
        const ids = yield* Effect.forEach(nonces, (nonce) =>
          Effect.map(newOpenRequest(offers.account, { maxPrice: 0n, nonce }), OpenRequest.id),
        )
        const from = yield* nextBlock
        yield* Effect.forEach(nonces.slice(0, 4), call)
        const reading = yield* offers
          .events({ fromBlock: from })
          .pipe(
            Stream.filter(concerns(...ids)),
            once,
            Stream.take(ids.length),
            Stream.runCollect,
            Effect.forkChild({ startImmediately: true }),
          )
        yield* Effect.forEach(nonces.slice(4), call)
        assert.deepStrictEqual(
          (yield* Fiber.join(reading)).map((event) => event._tag === "StorageRequested" && event.requestId),
          ids,
        )
      }),
    )

    it.effect("tell nothing of a call that failed, nor of the other contract", () =>
      Effect.gen(function* () {
        const { client, offerId, requestId } = yield* selected()
        const from = yield* nextBlock
        yield* failsWith(client.selectOffer(offerId), new OfferAlreadySelected({ offerId }))
        assert.deepStrictEqual(yield* offerEventsSince(from, offerId, requestId), [])
      }),
    )
  })
