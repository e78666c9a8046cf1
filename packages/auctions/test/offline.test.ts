import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { AuctionJournalError } from "../src/index.ts"
import {
  layerChain,
  makeClient,
  makeHost,
  maxPrice,
  pass,
  passUntil,
  settle,
  start,
  terms,
  unreachable,
  wallet,
  whileDown,
} from "./bed.ts"

describe("a chain that does not answer", () => {
  it.effect("ends neither an auction nor the node, in no state; what was to be done is done when it does", () =>
    Effect.gen(function* () {
      const down = { value: false }
      const client = yield* makeClient({ market: whileDown(down) })
      const host = yield* makeHost
      const { auctions, name, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      const during = <A, E, R>(outage: Effect.Effect<A, E, R>) =>
        Effect.gen(function* () {
          down.value = true
          const answer = yield* outage
          down.value = false
          yield* pass(31n)
          return answer
        })
      yield* during(pass(10n))
      yield* reaches(id, "open")
      const offerId = yield* during(Effect.tap(host.offer(id, 600n), () => pass(150n)))
      yield* reaches(id, "selected")
      yield* during(Effect.andThen(host.market.startContract(offerId), pass(60n)))
      yield* reaches(id, "started")
      yield* during(passUntil(start + 4300n))
      yield* reaches(id, "finished")
      assert.strictEqual(yield* name(id), "finished")
      assert.strictEqual(yield* client.tokens, wallet - 600n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while auctions are restored is asked again until it does", () =>
    Effect.gen(function* () {
      const down = { value: false }
      const client = yield* makeClient({ market: whileDown(down) })
      const host = yield* makeHost
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* first.reaches(id, "open")
      yield* first.stop
      yield* host.offer(id, 600n)
      down.value = true
      const second = yield* client.run()
      yield* pass(200n)
      assert.strictEqual(yield* second.name(id), "open")
      down.value = false
      yield* pass(31n)
      yield* second.reaches(id, "selected")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "when it is asked for the hosts of the other slots holds up the choice until it does, and nothing else",
    () =>
      Effect.gen(function* () {
        const down = { value: false }
        const client = yield* makeClient({
          market: ({ getOffer }) => ({
            getOffer: (id) => Effect.suspend(() => (down.value ? unreachable : getOffer(id))),
          }),
        })
        const [cheap, dear] = yield* Effect.all([makeHost, makeHost])
        const first = yield* client.run()
        const [sold, open] = yield* first.auctions.open([terms(), terms({ slotIndex: 1 })])
        if (open === undefined) return assert.fail("two auctions")
        yield* settle
        yield* cheap.offer(sold.id, 10n)
        yield* pass(150n)
        yield* first.reaches(sold.id, "selected")
        yield* first.stop
        yield* cheap.offer(open.id, 10n)
        yield* dear.offer(open.id, 900n)
        down.value = true
        const second = yield* client.run()
        yield* pass(10n)
        assert.strictEqual(yield* second.name(open.id), "open")
        down.value = false
        yield* pass(31n)
        yield* second.reaches(open.id, "selected")
        const selected = (yield* second.report(open.id))?.selected ?? Option.none()
        assert.strictEqual(Option.getOrThrow(selected).offer.host, dear.account)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("delays a request, with one maximum price approved and paid", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const approved: Array<bigint> = []
      const client = yield* makeClient({
        market: (market) => ({
          requestStorage: whileDown(down)(market).requestStorage ?? market.requestStorage,
          approveFunds: (amount) =>
            Effect.andThen(
              Effect.sync(() => approved.push(amount)),
              market.approveFunds(amount),
            ),
        }),
      })
      const { auctions, name, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* pass(300n)
      assert.strictEqual(yield* name(id), "pending")
      down.value = false
      yield* pass(30n)
      yield* reaches(id, "open")
      assert.deepStrictEqual(approved, [maxPrice])
      assert.strictEqual(yield* client.tokens, wallet - maxPrice)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("until the expiry leaves nothing sent and nothing paid, then or later", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const client = yield* makeClient({
        market: (market) => ({ approveFunds: whileDown(down)(market).approveFunds ?? market.approveFunds }),
      })
      const { auctions, reaches, report } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* passUntil(start + 601n)
      yield* reaches(id, "errored")
      down.value = false
      yield* pass(600n)
      const sentence = "The request was never accepted by the chain before it would have expired; nothing was paid."
      assert.deepInclude(yield* report(id), { name: "errored", error: Option.some(sentence) })
      assert.deepStrictEqual(yield* client.market.getRequest(id), Option.none())
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("delays a refund, for as long as it takes, but does not lose it", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const client = yield* makeClient({
        market: (market) => ({ withdrawFunds: whileDown(down)(market).withdrawFunds ?? market.withdrawFunds }),
      })
      const { auctions, report } = yield* client.run()
      const [auction] = yield* auctions.open([terms()])
      yield* pass(100_000n)
      assert.strictEqual((yield* auction.state)._tag, "Refunding")
      const sentence = "No offer was selected before the request expired; everything is being paid back."
      assert.deepInclude(yield* report(auction.id), { name: "unsold", error: Option.some(sentence) })
      down.value = false
      yield* pass(30n)
      assert.deepStrictEqual(yield* auction.awaitEnd, { _tag: "Unsold" })
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("as of one moment is asked again: an offer that is selected, but has no contract yet", () =>
    Effect.gen(function* () {
      let contradicts = 3
      let selections = 0
      const client = yield* makeClient({
        market: ({ contractState, selectOffer }) => ({
          selectOffer: (offerId) =>
            Effect.suspend(() => {
              selections += 1
              return selectOffer(offerId)
            }),
          contractState: (id) =>
            Effect.map(contractState(id), (state) =>
              state === "Selected" && contradicts-- > 0 ? ("None" as const) : state,
            ),
        }),
      })
      const host = yield* makeHost
      const { auctions, name, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      yield* host.offer(id, 1n)
      yield* pass(150n)
      assert.strictEqual(yield* name(id), "open")
      yield* pass(5n)
      yield* reaches(id, "selected")
      assert.strictEqual(selections, 1)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a journal that cannot be written", () => {
  const fails = Effect.fail(new AuctionJournalError({ operation: "save", cause: new Error("disk full") }))

  it.effect("refuses auctions before anything is sent", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ journal: () => ({ save: () => fails }) })
      const { auctions } = yield* client.run()
      assert.deepInclude(yield* Effect.flip(auctions.open([terms()])), { _tag: "AuctionJournalError" })
      yield* pass(60n)
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("does not keep a refund waiting, but the end of it is told when it is written down", () =>
    Effect.gen(function* () {
      const full = { value: false }
      const client = yield* makeClient({
        journal: ({ save }) => ({
          save: (...records) => Effect.suspend(() => (full.value ? fails : save(...records))),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [auction] = yield* auctions.open([terms()])
      yield* reaches(auction.id, "open")
      full.value = true
      yield* pass(700n)
      assert.strictEqual(yield* client.tokens, wallet)
      assert.strictEqual((yield* auction.state)._tag, "Refunding")
      full.value = false
      yield* pass(30n)
      assert.strictEqual((yield* auction.state)._tag, "Ended")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("cannot be read: the layer fails with a typed error", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ journal: () => ({ open: fails }) })
      assert.deepInclude(yield* Effect.flip(client.run()), { _tag: "AuctionJournalError" })
    }).pipe(Effect.provide(layerChain)),
  )
})
