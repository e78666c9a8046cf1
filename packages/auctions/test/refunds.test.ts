import { assert, describe, it } from "@effect/vitest"
import { InvalidState, MemoryChain } from "@pecia/market"
import { Effect, Layer, Option } from "effect"
import { SelectingStrategy, Selection } from "../src/index.ts"
import {
  type ClientOptions,
  fail,
  layerChain,
  makeClient,
  makeHost,
  maxPrice,
  pass,
  passUntil,
  start,
  terms,
  unreachable,
  wallet,
} from "./bed.ts"

/** A client and a host with one auction, in which the host offers for 600. */
const makeParties = Effect.fnUntraced(function* (options: ClientOptions = {}) {
  const client = yield* makeClient(options)
  const host = yield* makeHost
  const chain = yield* MemoryChain
  const run = yield* client.run()
  const [auction] = yield* run.auctions.open([terms()])
  yield* run.reaches(auction.id, "open")
  const offer = host.offer(auction.id, 600n)
  /** What remains in the contract is the host's collateral and what was slashed. */
  const contractHolds = client.market.tokens(chain.offerContract)
  return { client, host, run, auction, id: auction.id, offer, contractHolds }
})

describe("an auction without an offer", () => {
  it.effect("gives everything back at its expiry, not before", () =>
    Effect.gen(function* () {
      const { auction, client, contractHolds, id, run } = yield* makeParties()
      yield* passUntil(start + 599n)
      assert.strictEqual(yield* run.name(id), "open")
      yield* pass(1n)
      yield* run.reaches(id, "unsold")
      assert.deepStrictEqual(yield* auction.awaitEnd, { _tag: "Unsold" })
      assert.strictEqual(yield* client.tokens, wallet)
      assert.strictEqual(yield* contractHolds, 100n)
      assert.deepInclude(yield* run.report(id), { name: "unsold", offers: Option.none() })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "as far as outdated views say, but was sold and started, is asked about anew when the refund is refused",
    () =>
      Effect.gen(function* () {
        const lagging = { value: true }
        const { client, host, id, offer, run } = yield* makeParties({
          strategy: Layer.succeed(SelectingStrategy, {
            select: ({ request }) => Effect.succeed(Selection.Wait({ until: request.expiry })),
          }),
          market: ({ selectedOffer, withdrawFunds }) => ({
            selectedOffer: (requestId) =>
              Effect.suspend(() => (lagging.value ? Effect.succeedNone : selectedOffer(requestId))),
            withdrawFunds: (requestId) =>
              Effect.ensuring(
                withdrawFunds(requestId),
                Effect.sync(() => {
                  lagging.value = false
                }),
              ),
          }),
        })
        const offerId = yield* offer
        // By hand, say.
        yield* client.market.selectOffer(offerId)
        yield* host.market.startContract(offerId)
        yield* passUntil(start + 600n)
        yield* run.reaches(id, "started")
        assert.strictEqual(yield* client.tokens, wallet - 600n)
      }).pipe(Effect.provide(layerChain)),
  )
})

describe("an auction whose host never starts", () => {
  it.effect("gives everything back at its expiry, and the host is free of it", () =>
    Effect.gen(function* () {
      const { auction, client, host, id, offer, run } = yield* makeParties()
      const offerId = yield* offer
      yield* passUntil(start + 599n)
      assert.strictEqual(yield* run.name(id), "selected")
      yield* pass(1n)
      yield* run.reaches(id, "notStarted")
      const outcome = yield* auction.awaitEnd
      assert.deepInclude(outcome, { _tag: "NotStarted", offerId })
      assert.deepInclude(yield* run.report(id), { name: "notStarted", offers: Option.none() })
      assert.strictEqual(yield* client.tokens, wallet)
      yield* host.market.withdraw
      assert.strictEqual(yield* host.market.tokens(host.account), 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("and that somebody else has paid back already is over, too", () =>
    Effect.gen(function* () {
      const { auction, client, host, id, offer } = yield* makeParties({
        // The client's own refund does not get through.
        market: () => ({ withdrawFunds: () => unreachable }),
      })
      yield* offer
      yield* passUntil(start + 600n)
      yield* host.market.withdrawFunds(id)
      yield* pass(61n)
      assert.strictEqual((yield* auction.state)._tag, "Ended")
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("and whose refund is refused, although it was not paid back, is asked for again", () =>
    Effect.gen(function* () {
      let refusals = 2
      const { auction, client, host, offer } = yield* makeParties({
        market: ({ withdrawFunds }) => ({
          withdrawFunds: (requestId) =>
            Effect.suspend(() =>
              refusals-- > 0 ? Effect.fail(new InvalidState({ requestId })) : withdrawFunds(requestId),
            ),
        }),
      })
      const offerId = yield* offer
      yield* passUntil(start + 600n)
      assert.strictEqual((yield* auction.state)._tag, "Refunding")
      yield* pass(10n)
      assert.deepInclude(yield* auction.awaitEnd, { _tag: "NotStarted", offerId })
      assert.strictEqual(yield* client.tokens, wallet)
      assert.strictEqual(yield* host.market.contractState(offerId), "Released")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("an auction whose contract fails", () => {
  it.effect("gives back at once what its host did not earn", () =>
    Effect.gen(function* () {
      const { auction, client, host, id, offer, run } = yield* makeParties()
      const offerId = yield* offer
      yield* passUntil(start + 150n)
      yield* host.market.startContract(offerId)
      yield* pass(100n)
      yield* fail(offerId)
      yield* run.reaches(id, "failed")
      assert.deepInclude(yield* auction.awaitEnd, { _tag: "Failed", offerId })
      const before = yield* host.market.tokens(host.account)
      yield* host.market.finishContract(offerId)
      const earned = (yield* host.market.tokens(host.account)) - before
      assert.isTrue(earned > 0n && earned < 600n)
      assert.strictEqual(yield* client.tokens, wallet - earned)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("an auction that is sold", () => {
  it.effect("is finished also when its host was paid before the client looked", () =>
    Effect.gen(function* () {
      const { client, host, id, offer, run } = yield* makeParties()
      const offerId = yield* offer
      yield* passUntil(start + 150n)
      yield* host.market.startContract(offerId)
      yield* run.reaches(id, "started")
      yield* run.stop
      yield* passUntil(start + 3751n)
      yield* host.market.finishContract(offerId)
      const second = yield* client.run()
      yield* second.reaches(id, "finished")
      assert.strictEqual(yield* client.tokens, wallet - 600n)
      assert.strictEqual(yield* host.market.tokens(host.account), 900n + 600n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("for its maximum price gives nothing back", () =>
    Effect.gen(function* () {
      const { client, host, id, run } = yield* makeParties()
      yield* host.offer(id, maxPrice)
      yield* pass(150n)
      yield* run.reaches(id, "selected")
      assert.strictEqual(yield* client.tokens, wallet - maxPrice)
    }).pipe(Effect.provide(layerChain)),
  )
})
