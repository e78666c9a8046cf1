import { assert, describe, it } from "@effect/vitest"
import { OpenRequest, type RequestId } from "@pecia/contracts-abi"
import { MemoryChain, OfferExpired, RequestNotTimedOut, UnknownOffer } from "@pecia/market"
import { Effect, Latch, Option } from "effect"
import {
  fail,
  layerChain,
  makeClient,
  makeEvents,
  makeHost,
  pass,
  passUntil,
  settle,
  start,
  terms,
  wallet,
} from "./bed.ts"

describe("a reorganisation", () => {
  it.effect("that undoes a request: it is sent again, under the same id, and paid once", () =>
    Effect.gen(function* () {
      const lost = { value: false }
      const sent: Array<RequestId> = []
      const { events, reorganise } = yield* makeEvents
      const client = yield* makeClient({
        market: (market) => ({
          events: events(market),
          getRequest: (id) => Effect.suspend(() => (lost.value ? Effect.succeedNone : market.getRequest(id))),
          requestStorage: (request) =>
            Effect.suspend(() => {
              lost.value = false
              sent.push(OpenRequest.id(request))
              return market.requestStorage(request)
            }),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* reaches(id, "open")
      lost.value = true
      yield* reorganise(1n)
      assert.deepStrictEqual(sent, [id, id])
      yield* pass(1n)
      yield* reaches(id, "open")
      assert.strictEqual(yield* client.tokens, wallet - 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes a request too late to send it again: the auction completes, as errored", () =>
    Effect.gen(function* () {
      const lost = { value: false }
      const client = yield* makeClient({
        market: ({ getRequest }) => ({
          getRequest: (id) => Effect.suspend(() => (lost.value ? Effect.succeedNone : getRequest(id))),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* reaches(id, "open")
      lost.value = true
      yield* pass(601n)
      yield* reaches(id, "errored")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes an offer: it is selected no more, but as soon as it is there again", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const { events, reorganise, tell } = yield* makeEvents
      const client = yield* makeClient({ market: (market) => ({ events: events(market) }) })
      const host = yield* makeHost
      const { auctions, name, report, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      const offerId = yield* host.offer(id, 10n)
      const { number: blockNumber } = yield* chain.head
      yield* reorganise(blockNumber + 1n)
      assert.deepStrictEqual((yield* report(id))?.offers, Option.some(1))
      yield* reorganise(blockNumber)
      assert.deepStrictEqual((yield* report(id))?.offers, Option.some(0))
      yield* pass(150n)
      assert.strictEqual(yield* name(id), "open")
      const offer = Option.getOrThrow(yield* client.market.getOffer(offerId))
      yield* tell({ _tag: "StorageOffered", blockNumber: blockNumber + 1n, logIndex: 0, offerId, offer })
      yield* reaches(id, "selected")
    }).pipe(Effect.provide(layerChain)),
  )

  for (const [what, refusal, left] of [
    ["undoes an offer before anyone has told of it", UnknownOffer, 1],
    ["lets time pass faster, so that an offer has expired", OfferExpired, 2],
  ] as const) {
    it.effect(`that ${what}: the next one is taken`, () =>
      Effect.gen(function* () {
        const undone = yield* makeHost
        const host = yield* makeHost
        const client = yield* makeClient({
          market: ({ getOffer, selectOffer }) => ({
            selectOffer: (offerId) =>
              Effect.flatMap(Effect.orDie(getOffer(offerId)), (offer) =>
                Option.exists(offer, (found) => found.host === undone.account)
                  ? Effect.fail(new refusal({ offerId }))
                  : selectOffer(offerId),
              ),
          }),
        })
        const { auctions, report } = yield* client.run()
        const [{ id }] = yield* auctions.open([terms()])
        yield* settle
        yield* undone.offer(id, 10n)
        yield* host.offer(id, 20n)
        yield* pass(150n)
        const found = yield* report(id)
        assert.deepInclude(found, { name: "selected", offers: Option.some(left) })
        assert.strictEqual(Option.getOrThrow(found?.selected ?? Option.none()).offer.host, host.account)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("that undoes a selection: the offer is selected again", () =>
    Effect.gen(function* () {
      const pretend = { value: false }
      const { events, reorganise } = yield* makeEvents
      const client = yield* makeClient({
        market: (market) => ({
          events: events(market),
          selectedOffer: (id) => Effect.suspend(() => (pretend.value ? Effect.succeedNone : market.selectedOffer(id))),
          selectOffer: (offerId) =>
            Effect.suspend(() => {
              const again = pretend.value
              pretend.value = false
              return again ? Effect.void : market.selectOffer(offerId)
            }),
        }),
      })
      const host = yield* makeHost
      const { auctions, name, reaches } = yield* client.run()
      const [auction] = yield* auctions.open([terms()])
      const { id } = auction
      yield* settle
      yield* host.offer(id, 10n)
      yield* pass(150n)
      yield* reaches(id, "selected")
      pretend.value = true
      yield* reorganise(1n)
      // The reorganisation took the offer, too; it comes again.
      assert.strictEqual(yield* name(id), "open")
      yield* host.offer(id, 9n)
      yield* reaches(id, "selected")
      assert.isFalse(pretend.value)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that undoes a start: the auction is selected again, and starts again or is paid back", () =>
    Effect.gen(function* () {
      const { events, reorganise } = yield* makeEvents
      const undone = { value: false }
      const client = yield* makeClient({
        market: (market) => ({
          events: events(market),
          contractState: (id) =>
            Effect.map(market.contractState(id), (state) =>
              undone.value && state === "Started" ? ("Selected" as const) : state,
            ),
        }),
      })
      const host = yield* makeHost
      const { auctions, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      const offerId = yield* host.offer(id, 10n)
      yield* pass(150n)
      yield* host.market.startContract(offerId)
      yield* reaches(id, "started")
      undone.value = true
      yield* reorganise(1n)
      yield* reaches(id, "selected")
      undone.value = false
      yield* reorganise(1n)
      yield* reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  for (const end of ["unsold", "notStarted", "failed"] as const) {
    for (const when of ["while the client runs", "while it is down"] as const) {
      it.effect(`that undoes a refund (${end}) ${when}: it is paid back again, once`, () =>
        Effect.gen(function* () {
          const pretend = { value: true }
          let paid = 0
          const { events, reorganise } = yield* makeEvents
          const client = yield* makeClient({
            market: (market) => ({
              events: events(market),
              withdrawFunds: (id) =>
                Effect.suspend(() =>
                  pretend.value ? Effect.void : Effect.tap(market.withdrawFunds(id), () => Effect.sync(() => paid++)),
                ),
            }),
          })
          const host = yield* makeHost
          const first = yield* client.run()
          const [{ id }] = yield* first.auctions.open([terms()])
          yield* settle
          if (end !== "unsold") {
            const offerId = yield* host.offer(id, 10n)
            yield* pass(150n)
            if (end === "failed") {
              yield* host.market.startContract(offerId)
              yield* fail(offerId)
            }
          }
          yield* passUntil(start + 600n)
          yield* first.reaches(id, end)
          assert.strictEqual((yield* client.records)[0]?.state._tag, "Ended")
          const before = yield* client.tokens
          pretend.value = false
          if (when === "while the client runs") yield* reorganise(1n)
          else {
            yield* first.stop
            yield* client.run()
          }
          yield* settle
          assert.isAbove(Number((yield* client.tokens) - before), 0)
          assert.strictEqual((yield* client.records)[0]?.state._tag, "Ended")
          if (when === "while the client runs") yield* reorganise(1n)
          assert.strictEqual(paid, 1)
          assert.strictEqual((yield* client.records)[0]?.state._tag, "Ended")
        }).pipe(Effect.provide(layerChain)),
      )
    }
  }

  it.effect("that undoes a refund and turns back the time: it is paid back as soon as the chain gets there again", () =>
    Effect.gen(function* () {
      const answers: Array<Effect.Effect<void, RequestNotTimedOut>> = [Effect.void]
      const { events, reorganise } = yield* makeEvents
      const client = yield* makeClient({
        market: (market) => ({
          events: events(market),
          withdrawFunds: (id) => Effect.suspend(() => answers.shift() ?? market.withdrawFunds(id)),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [{ id: requestId }] = yield* auctions.open([terms()])
      yield* pass(600n)
      yield* reaches(requestId, "unsold")
      assert.strictEqual(yield* client.tokens, wallet - 1000n)
      const early = Effect.fail(new RequestNotTimedOut({ requestId }))
      answers.push(early, early)
      yield* reorganise(1n)
      assert.strictEqual(yield* client.tokens, wallet - 1000n)
      yield* pass(10n)
      assert.strictEqual(yield* client.tokens, wallet)
      yield* reaches(requestId, "unsold")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "and many more while the chain does not answer: an auction that has ended is looked at once more, not as often",
    () =>
      Effect.gen(function* () {
        let asked = 0
        const answers = yield* Latch.make(true)
        const { events, reorganise } = yield* makeEvents
        const client = yield* makeClient({
          market: (market) => ({
            events: events(market),
            selectedOffer: (id) =>
              Effect.andThen(
                Effect.sync(() => {
                  asked += 1
                }),
                answers.whenOpen(market.selectedOffer(id)),
              ),
          }),
        })
        const { auctions, reaches } = yield* client.run()
        const [{ id }] = yield* auctions.open([terms()])
        yield* pass(600n)
        yield* reaches(id, "unsold")
        yield* answers.close
        asked = 0
        for (let i = 0; i < 20; i++) yield* reorganise(1n)
        yield* answers.open
        yield* settle
        assert.strictEqual(asked, 2)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("long after an end does not make the client ask for it again", () =>
    Effect.gen(function* () {
      const asked: Array<RequestId> = []
      const { events, reorganise } = yield* makeEvents
      const client = yield* makeClient({
        market: (market) => ({
          events: events(market),
          withdrawFunds: (id) =>
            Effect.andThen(
              Effect.sync(() => asked.push(id)),
              market.withdrawFunds(id),
            ),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* pass(600n)
      yield* reaches(id, "unsold")
      yield* pass(86_400n)
      yield* reorganise(1n)
      assert.deepStrictEqual(asked, [id])
    }).pipe(Effect.provide(layerChain)),
  )
})
