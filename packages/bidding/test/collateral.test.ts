import { assert, describe, it } from "@effect/vitest"
import { MarketplaceOptions, OpenRequest } from "@pecia/contracts-abi"
import { InsufficientAllowance, InsufficientBalance, MemoryChain } from "@pecia/market"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { demandFor, eventually, layerChain, makeClient, makeHost, pass, passUntil, settle, start } from "./bed.ts"
import { slash } from "./failing.ts"

describe("a host's collateral", () => {
  it.effect("covers each bid, however many are made at the same time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({ deposit: (amount) => Effect.andThen(settle, market.deposit(amount)) }),
      })
      const { bidding } = yield* host.run()
      yield* Effect.all([client.request(), client.request(), client.request()], { concurrency: "unbounded" })
      yield* eventually(
        "three bids",
        Effect.map(bidding.bids, (all) => all.filter(({ name }) => name === "offered").length === 3),
      )
      assert.strictEqual(yield* host.collateral, 300n)
      assert.strictEqual(yield* host.tokens, 700n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "covers contracts that are kept and bids that are open together, and is used again once they are over",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const host = yield* makeHost({ tokens: 300n })
        const { reaches } = yield* host.run()
        const [kept, open] = [yield* client.request(), yield* client.request()]
        yield* reaches(open, "offered")
        yield* client.select(host.account, kept, 20_000n)
        yield* reaches(kept, "started")
        yield* passUntil(open.request.expiry)
        yield* reaches(open, "notSelected")
        const [third, fourth] = yield* Effect.all([
          client.request({ expiry: start + 1200n }),
          client.request({ expiry: start + 1200n }),
        ])
        yield* reaches(third, "offered")
        yield* reaches(fourth, "offered")
        assert.strictEqual(yield* host.collateral, 300n)
        assert.strictEqual(yield* host.tokens, 0n)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the account cannot pay declines the request; nothing is sent or held, and nothing spins", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ tokens: 199n })
      const { reaches, why } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first, "offered")
      const second = yield* client.request()
      yield* reaches(second, "declined")
      const { number } = yield* chain.head
      yield* pass(120n)
      assert.strictEqual((yield* chain.head).number, number + 1n)
      assert.strictEqual(
        yield* why(second),
        `The collateral of ${host.account} lacks 100 tokens to cover 2 slots, and its wallet holds 99; send it more tokens.`,
      )
      assert.lengthOf(yield* host.reservations.reservations, 1)
      yield* chain.mint(host.account, 1n)
      yield* pass(60n)
      yield* reaches(second, "offered")
      assert.strictEqual(yield* host.collateral, 200n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is not counted for two bids that are made at the same time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        tokens: 199n,
        faults: (market) => ({ tokens: (account) => Effect.tap(market.tokens(account), () => settle) }),
      })
      const { bidding } = yield* host.run()
      yield* Effect.all([client.request(), client.request(), client.request()], { concurrency: "unbounded" })
      yield* eventually(
        "two declined",
        Effect.map(bidding.ended, (all) => all.length === 2),
      )
      yield* settle
      const names = (yield* bidding.bids).map(({ name }) => name)
      assert.deepStrictEqual(names, ["offered"])
      assert.lengthOf(yield* bidding.ended, 2)
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that vanishes from the wallet before the offer declines it and gives the space back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let looks = 0
      const host = yield* makeHost({
        faults: (market) => ({
          tokens: (account) => Effect.suspend(() => (looks++ === 0 ? market.tokens(account) : Effect.succeed(3n))),
        }),
      })
      const { reaches, why } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "declined")
      assert.match((yield* why(asked)) ?? "", /lacks 100 tokens to cover a slot, and its wallet holds 3/)
      assert.deepStrictEqual(yield* host.reservations.reservations, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was slashed is topped up at the next offer, for all that are kept", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { reaches } = yield* host.run()
      const kept = yield* client.request()
      yield* reaches(kept, "offered")
      const offerId = yield* client.select(host.account, kept, 20_000n)
      yield* reaches(kept, "started")
      yield* slash(client.market, host.market, offerId)
      const left = yield* host.collateral
      assert.isBelow(Number(left), 100)
      const { now } = yield* MemoryChain
      const next = yield* client.request({ expiry: (yield* now) + 600n })
      yield* reaches(next, "offered")
      assert.strictEqual(yield* host.collateral, 200n)
      assert.strictEqual(yield* host.tokens, 1000n - 200n - (100n - left))
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "that was slashed when the wallet is empty takes no offer back that was made before, even over a restart",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        let slashed = 0n
        const host = yield* makeHost({
          tokens: 100n,
          faults: (market) => ({
            collateral: (account) => Effect.map(market.collateral(account), (amount) => amount - slashed),
            // Nor has the new run read yet what the earlier one offered.
            events: (options) => Stream.filter(market.events(options), ({ _tag }) => _tag !== "StorageOffered"),
          }),
        })
        const first = yield* host.run()
        const asked = yield* client.request()
        yield* first.reaches(asked, "offered")
        slashed = 10n
        yield* first.stop
        const second = yield* host.run()
        yield* second.reaches(asked, "offered")
        yield* client.select(host.account, asked, 20_000n)
        yield* second.reaches(asked, "started")
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that goes between the deposit and the offer is deposited once more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let isGone = false
      const host = yield* makeHost({
        faults: (market) => ({
          offerStorage: (offer) =>
            Effect.gen(function* () {
              if (!isGone) yield* Effect.orDie(market.withdraw)
              isGone = true
              return yield* market.offerStorage(offer)
            }),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offering")
      yield* pass(1n)
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("uses what is approved already, so that a deposit that broke off half-way approves nothing twice", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const approved: Array<bigint> = []
      const host = yield* makeHost({
        faults: (market) => ({
          approveFunds: (amount) =>
            Effect.andThen(
              Effect.sync(() => approved.push(amount)),
              market.approveFunds(amount),
            ),
        }),
      })
      const first = yield* host.run({ dead: false, crash: { member: "approveFunds", when: "after" } })
      const asked = yield* client.request()
      yield* settle
      assert.isTrue(first.life.dead)
      const second = yield* host.run()
      yield* second.reaches(asked, "offered")
      assert.deepStrictEqual(approved, [100n])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is approved again when another part of the node has spent the allowance or the tokens in between", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let thefts = 3
      const host = yield* makeHost({
        faults: (market) => ({
          deposit: (amount) =>
            Effect.suspend(() => {
              thefts -= 1
              if (thefts > 0) return Effect.fail(new InsufficientAllowance({ account: market.account }))
              if (thefts === 0) return Effect.fail(new InsufficientBalance({ account: market.account }))
              return market.deposit(amount)
            }),
        }),
      })
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offering")
      yield* pass(10n)
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is enough where the contract wants it for each contract", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ tokens: 300n })
      const { reaches } = yield* host.run()
      const asked = yield* Effect.all([client.request(), client.request(), client.request()])
      for (const one of asked) yield* reaches(one, "offered")
      for (const one of asked) yield* client.select(host.account, one, 20_000n)
      for (const one of asked) yield* reaches(one, "started")
    }).pipe(Effect.provide(layerPerSlot)),
  )

  it.effect("of the other market is not counted, nor what holds space for it: each contract has its own", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ tokens: 600n })
      yield* host.reservations.reserve(demandFor(OpenRequest.id(client.compose()), "Marketplace"))
      const market = chain.market(host.account)
      yield* market.approveFunds(500n)
      yield* market.deposit(500n)
      const { reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )
})

const layerPerSlot = Layer.unwrap(
  Effect.as(
    TestClock.setTime(Number(start) * 1000),
    MemoryChain.layer({
      options: new MarketplaceOptions({ ...MarketplaceOptions.standard, collateralPerSlot: true }),
    }),
  ),
)
