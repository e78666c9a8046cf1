import { assert, describe, it } from "@effect/vitest"
import { MarketplaceOptions, Offer } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DataUnavailable, OfferingStrategy } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, passUntil, settle, start } from "./bed.ts"

const wrong = Effect.fail(new DataUnavailable({ detail: "The data contradicts the request.", isRetryable: false }))

const layerPerSlot = Layer.unwrap(
  Effect.as(
    TestClock.setTime(Number(start) * 1000),
    MemoryChain.layer({
      options: new MarketplaceOptions({ ...MarketplaceOptions.standard, collateralPerSlot: true }),
    }),
  ),
)

describe("a contract that locks the host's collateral", () => {
  it.effect("but finds no space is not forgotten, however many other requests are declined", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n, bidding: { capacity: 2 } })
      const { requestId, request } = yield* client.request()
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      const offer = new Offer({ host: host.account, requestId, price: 30_000n, expiry: request.expiry })
      const offerId = yield* host.market.offerStorage(offer)
      yield* client.market.selectOffer(offerId)
      const { bidding, reaches } = yield* host.run()
      yield* reaches({ requestId }, "declined")
      for (let i = 0; i < 5; i++) yield* reaches(yield* client.request({ expiry: start + 3000n }), "declined")
      yield* pass(60n)
      yield* reaches({ requestId }, "declined")
      yield* passUntil(request.expiry)
      yield* pass(60n)
      yield* pass(60n)
      yield* reaches({ requestId }, "notStarted")
      assert.strictEqual(yield* host.market.contractState(offerId), "Released")
      yield* bidding.withdrawCollateral
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("but broke is not forgotten, however many bids end; of the others the latest thousand are remembered", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let isAbsurd = false
      const strategy = Layer.succeed(OfferingStrategy, {
        price: () => Effect.suspend(() => (isAbsurd ? Effect.die(new Error("no idea")) : Effect.succeed(20_000n))),
      })
      const host = yield* makeHost({ strategy })
      host.storage.beforeStore = () => wrong
      const { bidding, name, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      const offerId = yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "errored")
      isAbsurd = true
      const second = yield* client.request()
      for (let i = 0; i < 999; i++) {
        yield* client.request()
        if (i % 50 === 0) yield* settle
      }
      yield* pass(0n)
      assert.lengthOf(yield* bidding.ended, 1000)
      yield* reaches(asked, "errored")
      assert.strictEqual(yield* name(second), undefined)
      yield* passUntil(asked.request.expiry)
      // As the README says: within a quarter of an hour.
      for (let i = 0; i < 15; i++) yield* pass(60n)
      yield* reaches(asked, "notStarted")
      assert.strictEqual(yield* host.market.contractState(offerId), "Released")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("counts for the collateral although it was given up, where the contract wants it for each", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ tokens: 200n })
      host.storage.beforeStore = () => wrong
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "errored")
      const [next, third] = [
        yield* client.request({ expiry: start + 10_000n }),
        yield* client.request({ expiry: start + 10_000n }),
      ]
      yield* reaches(next, "offered")
      assert.strictEqual(yield* host.collateral, 200n)
      yield* reaches(third, "declined")
      assert.match((yield* why(third)) ?? "", /to cover 3 slots/)
      // Once it is released it no longer counts.
      yield* passUntil(asked.request.expiry)
      for (let i = 0; i < 15; i++) yield* pass(60n)
      yield* reaches(asked, "notStarted")
      yield* reaches(third, "offered")
    }).pipe(Effect.provide(layerPerSlot)),
  )
})
