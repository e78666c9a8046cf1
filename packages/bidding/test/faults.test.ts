import { assert, describe, it } from "@effect/vitest"
import { Offer } from "@pecia/contracts-abi"
import { ReservationsError } from "@pecia/reservations"
import { Deferred, Effect, Layer, Option, Stream } from "effect"
import { bidVolume, DataUnavailable, OfferingStrategy } from "../src/index.ts"
import {
  layerChain,
  lingering,
  makeClient,
  makeHost,
  makeRival,
  pass,
  passUntil,
  settle,
  size,
  start,
  unreachable,
} from "./bed.ts"

/** Fails so many times, then does what it should. */
const failing = <A, E, E2>(times: number, failure: Effect.Effect<never, E>, effect: Effect.Effect<A, E2>) => {
  let left = times
  return Effect.suspend((): Effect.Effect<A, E | E2> => (left-- > 0 ? failure : effect))
}

const failingEach = <Args extends ReadonlyArray<unknown>, A, E>(member: (...args: Args) => Effect.Effect<A, E>) => {
  const outage = failing(3, unreachable, Effect.void)
  return (...args: Args) => Effect.andThen(outage, member(...args))
}

describe("a bid", () => {
  it.effect("waits for a chain that does not answer, in every step, until it does", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => ({
          config: failing(3, unreachable, market.config),
          collateral: failingEach(market.collateral),
          tokens: failingEach(market.tokens),
          getRequest: failingEach(market.getRequest),
          getOffer: failingEach(market.getOffer),
          selectedOffer: failingEach(market.selectedOffer),
          contractState: failingEach(market.contractState),
          proofEnd: failingEach(market.proofEnd),
          approveFunds: failingEach(market.approveFunds),
          deposit: failingEach(market.deposit),
          offerStorage: failingEach(market.offerStorage),
          startContract: failingEach(market.startContract),
          finishContract: failingEach(market.finishContract),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* pass(300n)
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* pass(100n)
      yield* reaches(asked, "started")
      yield* passUntil(start + 500n + asked.request.duration)
      yield* pass(100n)
      yield* reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("goes on although the answer to what it sent was lost: the chain says what came of it", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          offerStorage: (offer) => Effect.andThen(market.offerStorage(offer), unreachable),
          startContract: (id) => Effect.andThen(market.startContract(id), unreachable),
          finishContract: (id) => Effect.andThen(market.finishContract(id), unreachable),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offering")
      yield* pass(10n)
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      yield* reaches(asked, "started")
      yield* passUntil(start + 20n + asked.request.duration + 1n)
      yield* pass(10n)
      yield* reaches(asked, "finished")
      assert.strictEqual(yield* host.collateral, 100n)
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("needs no event but that of the request: selection, end and expiry are seen without", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => Stream.filter(market.events(options), ({ _tag }) => _tag === "StorageRequested"),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request({ expiry: start + 3600n })
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* pass(600n)
      yield* reaches(asked, "started")
      yield* passUntil(start + 600n + asked.request.duration + 1n)
      yield* reaches(asked, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose request is taken does not cut off an offer that is on its way", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const sent = yield* Deferred.make<void>()
      const mined = yield* Deferred.make<void>()
      const mining = yield* lingering(Deferred.await(mined))
      const host = yield* makeHost({
        faults: (market) => ({
          offerStorage: (offer) =>
            Deferred.succeed(sent, undefined).pipe(Effect.andThen(mining), Effect.andThen(market.offerStorage(offer))),
        }),
      })
      const { reaches, bidding } = yield* host.run()
      const rival = yield* makeRival()
      const asked = yield* client.request()
      yield* Deferred.await(sent)
      yield* rival.offer(asked, 1n)
      yield* client.select(rival.account, asked, 1n)
      yield* settle
      yield* reaches(asked, "offering")
      yield* Deferred.succeed(mined, undefined)
      yield* reaches(asked, "notSelected")
      yield* settle
      assert.deepStrictEqual(yield* bidding.bids, [])
      const { requestId, request } = asked
      const offer = new Offer({ host: host.account, requestId, price: 20_000n, expiry: request.expiry })
      assert.isTrue(Option.isSome(yield* client.market.getOffer(Offer.id(offer))))
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that breaks on a fault of this node is given up with the reason, and its space comes back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n, faults: () => ({ offerStorage: () => Effect.die(new Error("oops")) }) })
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "errored")
      assert.strictEqual(yield* why(asked), "oops")
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose strategy dies, or names a price that is none, is given up; the next one has its turn", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const prices = [Effect.die(new Error("no idea")), Effect.succeed(-1n), Effect.succeed(20_000n)]
      const strategy = Layer.succeed(OfferingStrategy, {
        price: () => Effect.suspend(() => prices.shift() ?? Effect.succeed(1n)),
      })
      const host = yield* makeHost({ slots: 1n, strategy })
      const { reaches, why } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first, "errored")
      assert.strictEqual(yield* why(first), "no idea")
      const second = yield* client.request()
      yield* reaches(second, "errored")
      const third = yield* client.request()
      yield* reaches(third, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose chain stays away for a quarter of an hour while it offers is given up", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n, faults: () => ({ offerStorage: () => unreachable }) })
      const { reaches } = yield* host.run()
      const asked = yield* client.request({ expiry: start + 10_000n })
      yield* reaches(asked, "offering")
      yield* pass(1200n)
      yield* reaches(asked, "errored")
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )
})

/** A fault of the record of space that passes. */
const locked = Effect.fail(new ReservationsError({ operation: "test", cause: { isRetryable: true } }))

describe("the host's own parts", () => {
  it.effect("a record of space that cannot be used for a while is waited for", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { reservation, reservations, reserve, giveBack } = host.reservations
      Object.assign(host.reservations, {
        reservations: failing(2, locked, reservations),
        reservation: (id: Parameters<typeof reservation>[0]) => Effect.andThen(outage, reservation(id)),
        reserve: (demand: Parameters<typeof reserve>[0]) => Effect.andThen(outage, reserve(demand)),
        giveBack: (volume: string) => Effect.andThen(outage, giveBack(volume)),
      })
      let left = 0
      const outage = Effect.suspend(() => (left-- > 0 ? locked : Effect.void))
      const { bidding, reaches } = yield* host.run()
      left = 4
      const asked = yield* client.request()
      yield* settle
      yield* pass(60n)
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      yield* passUntil(start + 60n + asked.request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("a record of space that is broken ends the bid with the reason", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      Object.assign(host.reservations, {
        reserve: () => Effect.fail(new ReservationsError({ operation: "reserve", cause: new Error("disk full") })),
      })
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "errored")
      assert.match((yield* why(asked)) ?? "", /disk full/)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("data that cannot be removed is tried to be until it is, and its space is not sold meanwhile", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      let isBroken = true
      host.storage.beforeClear = () =>
        Effect.suspend(() =>
          isBroken
            ? Effect.fail(new DataUnavailable({ detail: "The disk is gone.", isRetryable: false }))
            : Effect.void,
        )
      const { bidding, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* passUntil(asked.request.expiry)
      yield* pass(600n)
      assert.strictEqual(yield* host.freeBytes, 0n)
      assert.deepStrictEqual(
        (yield* bidding.bids).map(({ name, state }) => [name, state._tag]),
        [["notSelected", "Clearing"]],
      )
      isBroken = false
      yield* pass(30n)
      yield* reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("space that was given back by hand before the offer is held again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { reserve } = host.reservations
      let stolen = false
      Object.assign(host.reservations, {
        reserve: (demand: Parameters<typeof reserve>[0]) =>
          Effect.tap(reserve(demand), () =>
            Effect.suspend(() => {
              if (stolen) return Effect.void
              stolen = true
              return host.reservations.giveBack(demand.slotId)
            }),
          ),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      yield* pass(60n)
      yield* reaches(asked, "offered")
      assert.isTrue((yield* host.reservations.reservation(bidVolume(asked.requestId)))._tag === "Some")
    }).pipe(Effect.provide(layerChain)),
  )
})
