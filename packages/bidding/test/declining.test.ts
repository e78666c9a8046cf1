import { assert, describe, it } from "@effect/vitest"
import { Offer } from "@pecia/contracts-abi"
import { InsufficientCollateral, MaxLocksReached } from "@pecia/market"
import { Effect, Layer } from "effect"
import { OfferDeclined, OfferingStrategy } from "../src/index.ts"
import { layerChain, makeClient, makeHost, makeRival, pass, passUntil, settle, size, start } from "./bed.ts"

/** Declines until it is told otherwise; counts how often it is asked. */
const makeMood = () => {
  const mood = { isGood: false, asked: 0 }
  const strategy = Layer.succeed(OfferingStrategy, {
    price: () =>
      Effect.suspend(() => {
        mood.asked += 1
        return mood.isGood ? Effect.succeed(20_000n) : Effect.fail(new OfferDeclined({ reason: "Not today." }))
      }),
  })
  return { mood, strategy }
}

describe("a request that is declined", () => {
  it.effect("for want of space is offered for when space comes back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { reaches, why } = yield* host.run()
      const rival = yield* makeRival()
      const first = yield* client.request()
      yield* reaches(first, "offered")
      const second = yield* client.request()
      yield* reaches(second, "declined")
      assert.match((yield* why(second)) ?? "", /too little free space/)
      yield* rival.offer(first, 1n)
      yield* client.select(rival.account, first, 1n)
      yield* reaches(first, "notSelected")
      yield* reaches(second, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is offered for at once when the host is told to reconsider, and otherwise within a minute", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { bidding, reaches } = yield* host.run()
      const first = yield* client.request()
      const second = yield* client.request()
      yield* reaches(second, "declined")
      yield* host.offer(size)
      yield* bidding.reconsider
      yield* reaches(first, "offered")
      yield* reaches(second, "declined")
      yield* host.offer(size)
      yield* pass(59n)
      yield* reaches(second, "declined")
      yield* pass(1n)
      yield* reaches(second, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("by the strategy gives its space back, and is asked about each minute; nothing spins", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { mood, strategy } = makeMood()
      const host = yield* makeHost({ slots: 1n, strategy })
      const { name, reaches, why } = yield* host.run()
      const [one, two] = [yield* client.request(), yield* client.request()]
      yield* reaches(one, "declined")
      yield* reaches(two, "declined")
      const asked = mood.asked
      yield* settle
      assert.strictEqual(mood.asked, asked)
      assert.strictEqual(yield* host.freeBytes, size)
      assert.strictEqual(yield* host.collateral, 0n)
      assert.strictEqual(yield* why(one), "Not today.")
      mood.isGood = true
      yield* pass(60n)
      assert.sameMembers([yield* name(one), yield* name(two)], ["offered", "declined"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is given up at its expiry", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { mood, strategy } = makeMood()
      const host = yield* makeHost({ strategy })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      yield* passUntil(asked.request.expiry)
      yield* pass(60n)
      yield* reaches(asked, "notSelected")
      const before = mood.asked
      yield* pass(120n)
      assert.strictEqual(mood.asked, before)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is given up when another host is selected", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { reaches } = yield* host.run()
      const rival = yield* makeRival()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      yield* rival.offer(asked, 1n)
      yield* client.select(rival.account, asked, 1n)
      yield* pass(60n)
      yield* reaches(asked, "notSelected")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is dropped, the oldest first, when more are declined than the host remembers", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n, bidding: { capacity: 2 } })
      const { name, reaches, bidding } = yield* host.run()
      const asked = yield* Effect.all([client.request(), client.request(), client.request()])
      for (const one of asked.slice(1)) yield* reaches(one, "declined")
      yield* host.offer(3n * size)
      yield* bidding.reconsider
      yield* reaches(asked[1], "offered")
      yield* reaches(asked[2], "offered")
      assert.strictEqual(yield* name(asked[0]), undefined)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because the host has offers on 128 requests already, has its space back and its turn later", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let isFull = true
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => ({
          offerStorage: (offer) =>
            Effect.suspend(() =>
              isFull ? Effect.fail(new MaxLocksReached({ account: market.account })) : market.offerStorage(offer),
            ),
        }),
      })
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      assert.match((yield* why(asked)) ?? "", /128 requests/)
      assert.strictEqual(yield* host.freeBytes, size)
      isFull = false
      yield* pass(60n)
      yield* reaches(asked, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "because its client may take longer to decide than the host has patience is offered for when that is over",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const host = yield* makeHost({ slots: 1n, bidding: { patienceSeconds: 3600n } })
        const { bidding, reaches, why } = yield* host.run()
        const never = yield* client.request({ expiry: 2n ** 40n - 1n })
        yield* reaches(never, "declined")
        const asked = yield* client.request({ expiry: start + 3660n })
        yield* reaches(asked, "declined")
        assert.strictEqual(
          yield* why(asked),
          "The client may take 3660 seconds to decide; this host waits 3600 at most.",
        )
        assert.strictEqual(yield* host.freeBytes, size)
        yield* bidding.withdrawCollateral
        yield* pass(60n)
        yield* reaches(asked, "offered")
        yield* reaches(never, "declined")
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because its client may take longer than a day to decide, where the host is told nothing of patience", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { reaches } = yield* host.run()
      const [longer, aDay] = [
        yield* client.request({ expiry: start + 86_401n }),
        yield* client.request({ expiry: start + 86_400n }),
      ]
      yield* reaches(longer, "declined")
      yield* reaches(aDay, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because space is not let for as long as the contract lasts, or not until its end", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { reaches, why } = yield* host.run()
      // Longer than the one is let for by a second; within the term of the other, but not before its end.
      yield* host.offer(size, { durationSeconds: 3600n })
      const long = yield* client.request({ duration: 3601n })
      yield* reaches(long, "declined")
      assert.match((yield* why(long)) ?? "", /too short a term \(3601 seconds needed, at most 3600 offered\)/)
      yield* reaches(yield* client.request(), "offered")
      yield* host.offer(size, { untilSeconds: start + 4199n })
      const late = yield* client.request()
      yield* reaches(late, "declined")
      assert.match((yield* why(late)) ?? "", /too early an end/)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because the contract wants more collateral than is there has its space back and its turn later", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let isEnough = false
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => ({
          offerStorage: (offer) =>
            Effect.suspend(() =>
              isEnough
                ? market.offerStorage(offer)
                : Effect.fail(new InsufficientCollateral({ account: market.account })),
            ),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request({ expiry: start + 3600n })
      yield* pass(1200n)
      isEnough = true
      yield* pass(60n)
      yield* reaches(asked, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because its strategy asks more than the client pays has its space back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n, price: 36_001n })
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      assert.match((yield* why(asked)) ?? "", /pays less than 36001/)
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("for want of space, although an offer of an earlier run is selected, is kept once there is space", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      const { requestId, request } = asked
      const offer = new Offer({ host: host.account, requestId, price: 5n, expiry: request.expiry })
      yield* host.market.offerStorage(offer)
      yield* client.market.selectOffer(Offer.id(offer))
      yield* reaches(asked, "declined")
      yield* host.offer(size)
      yield* pass(60n)
      yield* reaches(asked, "started")
      yield* pass(request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 5n)
    }).pipe(Effect.provide(layerChain)),
  )
})
