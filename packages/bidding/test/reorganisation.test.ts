import { assert, describe, it } from "@effect/vitest"
import type { OfferEvent, OfferMarket } from "@pecia/market"
import { Effect, Option, PubSub, Stream } from "effect"
import {
  type Faults,
  layerChain,
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
import { failContract } from "./failing.ts"

/** A chain that can be reorganised: `undone` takes what it says instead of what happened. */
const makeFork = Effect.gen(function* () {
  const told = yield* PubSub.unbounded<OfferEvent>()
  let undone: Faults = {}
  const reorganise = (fork: Faults) =>
    Effect.suspend(() => {
      undone = fork
      return Effect.andThen(PubSub.publish(told, { _tag: "ChainReorganised", blockNumber: 258n }), settle)
    })
  const faults = (market: OfferMarket["Service"]): Faults => {
    const now = (): OfferMarket["Service"] => ({ ...market, ...undone })
    return {
      events: (options) => Stream.merge(market.events(options), Stream.fromPubSub(told)),
      getRequest: (id) => Effect.suspend(() => now().getRequest(id)),
      getOffer: (id) => Effect.suspend(() => now().getOffer(id)),
      selectedOffer: (id) => Effect.suspend(() => now().selectedOffer(id)),
      contractState: (id) => Effect.suspend(() => now().contractState(id)),
      proofEnd: (id) => Effect.suspend(() => now().proofEnd(id)),
      offerStorage: (offer) => Effect.suspend(() => now().offerStorage(offer)),
      startContract: (id) => Effect.suspend(() => now().startContract(id)),
      finishContract: (id) => Effect.suspend(() => now().finishContract(id)),
    }
  }
  return { reorganise, faults }
})

const nothing = { selectedOffer: () => Effect.succeedNone } satisfies Faults

/** A host whose offer to a request was selected. */
const makeScene = Effect.fnUntraced(function* () {
  const client = yield* makeClient
  const fork = yield* makeFork
  const host = yield* makeHost({ slots: 1n, faults: fork.faults })
  const run = yield* host.run()
  const asked = yield* client.request()
  yield* run.reaches(asked, "offered")
  const offerId = yield* client.select(host.account, asked, 20_000n)
  yield* run.reaches(asked, "started")
  return { client, host, asked, offerId, ...fork, ...run }
})

describe("a reorganisation of the chain", () => {
  it.effect("that undoes the selection has the host wait again; nothing is removed", () =>
    Effect.gen(function* () {
      const { asked, host, reaches, reorganise } = yield* makeScene()
      yield* reorganise(nothing)
      yield* reaches(asked, "offered")
      yield* reorganise({})
      yield* reaches(asked, "started")
      assert.notInclude(host.storage.calls, "clear")
      assert.strictEqual(yield* host.freeBytes, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes the selection for good gives the space back at the request's expiry", () =>
    Effect.gen(function* () {
      const { asked, host, reaches, reorganise } = yield* makeScene()
      yield* reorganise(nothing)
      yield* reaches(asked, "offered")
      yield* passUntil(asked.request.expiry)
      // It was selected once; that it is not takes a while to believe.
      yield* reaches(asked, "offered")
      yield* pass(600n)
      yield* reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that follows upon many others does not have each bid that has ended looked at once more for each", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const fork = yield* makeFork
      const host = yield* makeHost({ faults: fork.faults })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* passUntil(asked.request.expiry)
      yield* reaches(asked, "notSelected")
      let looks = 0
      const slow = {
        selectedOffer: () =>
          Effect.andThen(
            Effect.sync(() => looks++),
            Effect.as(Effect.sleep("1 second"), Option.none()),
          ),
      }
      for (let i = 0; i < 20; i++) yield* fork.reorganise(slow)
      yield* pass(60n)
      assert.strictEqual(looks, 2)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes the start has the contract started again", () =>
    Effect.gen(function* () {
      const { asked, reaches, reorganise } = yield* makeScene()
      let starts = 0
      yield* reorganise({
        contractState: () => Effect.succeed("Selected" as const),
        proofEnd: () => Effect.succeedNone,
        startContract: () =>
          Effect.suspend(() => {
            starts += 1
            return reorganise({})
          }),
      })
      yield* reaches(asked, "started")
      assert.strictEqual(starts, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes the offer has it made again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const fork = yield* makeFork
      const host = yield* makeHost({ faults: fork.faults })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      const offered: Array<bigint> = []
      yield* fork.reorganise({
        getOffer: () => Effect.succeedNone,
        offerStorage: (offer) =>
          Effect.suspend(() => {
            offered.push(offer.price)
            return Effect.andThen(fork.reorganise({}), Effect.never)
          }),
      })
      assert.deepStrictEqual(offered, [20_000n])
      assert.strictEqual(yield* host.freeBytes, 9n * size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes the request gives the space back; when it is mined again, the host offers again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const fork = yield* makeFork
      const host = yield* makeHost({ slots: 1n, faults: fork.faults })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* fork.reorganise({ getRequest: () => Effect.succeedNone })
      yield* reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
      yield* fork.reorganise({})
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.freeBytes, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes the selection of another host's offer lets this one hope again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const fork = yield* makeFork
      const host = yield* makeHost({ faults: fork.faults })
      const { reaches } = yield* host.run()
      const rival = yield* makeRival()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* rival.offer(asked, 10_000n)
      yield* client.select(rival.account, asked, 10_000n)
      yield* reaches(asked, "notSelected")
      yield* fork.reorganise(nothing)
      yield* reaches(asked, "offered")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes a payout has it paid again", () =>
    Effect.gen(function* () {
      const { asked, bidding, host, reaches, reorganise } = yield* makeScene()
      let paid = false
      yield* reorganise({
        finishContract: () =>
          Effect.sync(() => {
            paid = true
          }),
        contractState: (id) =>
          Effect.suspend(() => (paid ? Effect.succeed("Finished" as const) : host.market.contractState(id))),
      })
      yield* passUntil(start + asked.request.duration + 1n)
      yield* reaches(asked, "finished")
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.tokens, 900n)
      yield* reorganise({})
      yield* reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  for (const when of ["while it is cleared", "afterwards"] as const) {
    it.effect(`that undoes the payout of a failed contract ${when} has it paid again`, () =>
      Effect.gen(function* () {
        const { asked, client, host, offerId, reaches, reorganise } = yield* makeScene()
        yield* reorganise({ finishContract: () => Effect.void })
        host.storage.beforeClear = () => Effect.sleep("1 minute")
        yield* failContract(client.market, offerId)
        yield* reaches(asked, "failed")
        assert.deepStrictEqual(host.storage.calls, ["store", "clear"])
        assert.strictEqual(yield* host.tokens, 900n)
        if (when === "afterwards") yield* pass(60n)
        yield* reorganise({})
        yield* pass(60n)
        yield* pass(60n)
        assert.isAbove(Number(yield* host.tokens), 900)
        yield* reaches(asked, "failed")
        assert.strictEqual(yield* host.freeBytes, size)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("that undoes the end of a contract brings its host back to keeping it", () =>
    Effect.gen(function* () {
      const { asked, bidding, host, reaches, reorganise } = yield* makeScene()
      let payouts = 0
      yield* reorganise({
        contractState: () => Effect.succeed("Failed" as const),
        finishContract: () =>
          Effect.suspend(() => {
            payouts += 1
            return unreachable
          }),
      })
      yield* reaches(asked, "payout")
      yield* reorganise({})
      yield* reaches(asked, "started")
      yield* pass(100n)
      assert.strictEqual(payouts, 1)
      assert.lengthOf(yield* bidding.contracts, 1)
      assert.notInclude(host.storage.calls, "clear")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("an answer of the chain", () => {
  it.effect("that is out of date destroys nothing: before it clears, a host asks once more", () =>
    Effect.gen(function* () {
      const { asked, host, reaches, reorganise } = yield* makeScene()
      let staleLooks = 1
      yield* reorganise({
        selectedOffer: (id) =>
          Effect.suspend(() => (staleLooks > 0 ? Effect.succeedNone : host.market.selectedOffer(id))),
        getRequest: (id) => Effect.suspend(() => (staleLooks-- > 0 ? Effect.succeedNone : host.market.getRequest(id))),
      })
      yield* reaches(asked, "started")
      assert.isAtMost(staleLooks, 0)
      assert.notInclude(host.storage.calls, "clear")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that contradicts another is asked for again", () =>
    Effect.gen(function* () {
      const { asked, host, reaches, reorganise } = yield* makeScene()
      let contradictions = 3
      yield* reorganise({
        contractState: (id) =>
          Effect.suspend(() =>
            contradictions-- > 0 ? Effect.succeed("None" as const) : host.market.contractState(id),
          ),
      })
      yield* reaches(asked, "started")
      yield* pass(10n)
      assert.isAtMost(contradictions, 0)
      yield* reaches(asked, "started")
      assert.deepStrictEqual(host.storage.calls, ["store"])
    }).pipe(Effect.provide(layerChain)),
  )
})
