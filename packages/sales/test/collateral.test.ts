import { assert, describe, it } from "@effect/vitest"
import { InsufficientAllowance, MemoryChain } from "@pecia/market"
import { Deferred, Effect, Option } from "effect"
import {
  demandFor,
  eventually,
  layerChain,
  makeClient,
  makeHost,
  pass,
  rivalFills,
  settle,
  slotSize,
  unreachable,
} from "./bed.ts"

describe("a host's collateral", () => {
  it.effect("covers each slot, however many are filled at the same time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        tokens: 1000n,
        faults: (market) => ({ deposit: (amount) => Effect.andThen(settle, market.deposit(amount)) }),
      })
      const { sales } = yield* host.run()
      yield* Effect.all([client.request(), client.request(), client.request()], { concurrency: "unbounded" })
      yield* eventually(
        "three slots",
        Effect.map(sales.slots, (all) => all.filter(({ name }) => name === "SaleProving").length === 3),
      )
      assert.strictEqual(yield* host.collateral, 300n)
      assert.strictEqual(yield* host.tokens, 700n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that the account cannot pay postpones the slot; nothing is sent or held, and nothing spins", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ tokens: 99n })
      const { sales, reaches, reasons } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      const { number } = yield* chain.head
      yield* pass(100n)
      assert.strictEqual((yield* chain.head).number, number + 1n)
      assert.deepStrictEqual(yield* reasons, [
        `Postponed: The collateral of ${host.account} lacks 100 tokens to cover a slot, and its wallet holds 99; send it more tokens.`,
      ])
      assert.strictEqual(yield* host.freeBytes, 10n * slotSize)
      assert.deepStrictEqual(host.storage.calls, [])
      yield* chain.mint(host.account, 1n)
      yield* sales.reconsider
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that vanishes from the wallet during the download ends the sale before its filling, with the reason", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let tokens: Option.Option<bigint> = Option.none()
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => ({
          tokens: (account) => Option.match(tokens, { onNone: () => market.tokens(account), onSome: Effect.succeed }),
        }),
      })
      host.storage.beforeProve = () =>
        Effect.sync(() => {
          tokens = Option.some(3n)
        })
      const { reaches, sales } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleIgnored")
      yield* settle
      assert.strictEqual(yield* host.freeBytes, slotSize)
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.strictEqual(yield* host.collateral, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is not asked for what holds space for the other market", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ tokens: 100n })
      yield* host.reservations.reserve(demandFor(client.compose({}), { market: "OfferMarket" }))
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was slashed below the initial amount is topped up before the next filling", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ tokens: 500n })
      yield* host.market.approveFunds(70n)
      yield* host.market.deposit(70n)
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
      assert.strictEqual(yield* host.tokens, 400n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was slashed is topped up for all slots that are held before the next filling", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let slashed = 0n
      const host = yield* makeHost({
        tokens: 500n,
        faults: (market) => ({
          collateral: (account) => Effect.map(market.collateral(account), (amount) => amount - slashed),
        }),
      })
      const { reaches } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first.slot(0n), "SaleProving")
      slashed = 19n
      const second = yield* client.request()
      yield* reaches(second.slot(0n), "SaleProving")
      assert.strictEqual(yield* host.tokens, 500n - 200n - 19n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that covers one slot more is not counted for two that are fetched at the same time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const fetching = yield* Deferred.make<void>()
      const host = yield* makeHost({ tokens: 199n })
      host.storage.beforeStore = () => Deferred.await(fetching)
      const { sales, reaches, reasons } = yield* host.run()
      yield* Effect.all([client.request(), client.request(), client.request()], { concurrency: "unbounded" })
      yield* eventually(
        "two wait",
        Effect.map(sales.backlog, ({ shelved }) => shelved === 2),
      )
      const lacking = `Postponed: The collateral of ${host.account} lacks 200 tokens to cover 2 slots, and its wallet holds 199; send it more tokens.`
      assert.deepStrictEqual(yield* reasons, [lacking, lacking])
      assert.deepStrictEqual(host.storage.calls, ["store 0"])
      const [first] = yield* sales.slots
      assert.isDefined(first)
      // The one that is fetched goes to another host: the next one has its turn.
      yield* rivalFills(first.slot.requestId, 0n)
      yield* reaches(first.slot, "SaleIgnored")
      yield* Deferred.succeed(fetching, undefined)
      yield* eventually(
        "the next one hosted",
        Effect.map(sales.slots, (all) => all.map(({ name }) => name).join() === "SaleProving"),
      )
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
      // Tokens come.
      yield* chain.mint(host.account, 1n)
      yield* pass(60n)
      assert.strictEqual((yield* host.market.mySlots).length, 2)
      assert.strictEqual(yield* host.collateral, 200n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that covers one slot more is not counted for two that are filled at the same time", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const filling = yield* Deferred.make<void>()
      // The wallet is emptied from outside once both have space.
      let more = 1n
      const host = yield* makeHost({
        tokens: 199n,
        faults: (market) => ({
          tokens: (account) => Effect.map(market.tokens(account), (tokens) => tokens + more),
          fillSlot: (...slot) => Effect.andThen(Deferred.await(filling), market.fillSlot(...slot)),
        }),
      })
      const fetching = yield* Deferred.make<void>()
      host.storage.beforeStore = () => Deferred.await(fetching)
      const { sales, reasons } = yield* host.run()
      yield* Effect.all([client.request(), client.request()], { concurrency: "unbounded" })
      yield* eventually(
        "both are fetched",
        Effect.sync(() => host.storage.calls.length === 2),
      )
      more = 0n
      yield* Deferred.succeed(fetching, undefined)
      yield* eventually(
        "one declined",
        Effect.map(reasons, (all) => all.length > 0),
      )
      const lacking = `The collateral of ${host.account} lacks 100 tokens to cover 2 slots, and its wallet holds 99; send it more tokens.`
      assert.include((yield* reasons)[0], lacking)
      yield* Deferred.succeed(filling, undefined)
      yield* eventually(
        "one hosted",
        Effect.map(sales.slots, (all) => all.map(({ name }) => name).join() === "SaleProving"),
      )
      assert.strictEqual((yield* host.market.mySlots).length, 1)
      assert.strictEqual(yield* host.collateral, 100n)
      assert.strictEqual(yield* host.freeBytes, 9n * slotSize)
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("counts for a filling whose outcome is not known, and no longer for one that came to nothing", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let answers = false
      const host = yield* makeHost({
        tokens: 150n,
        faults: (market) => ({
          fillSlot: (...slot) => Effect.suspend(() => (answers ? market.fillSlot(...slot) : unreachable)),
        }),
      })
      const { sales, reaches } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first.slot(0n), "SaleFilling")
      const second = yield* client.request()
      yield* settle
      assert.deepStrictEqual(yield* sales.backlog, { open: 1, shelved: 1 })
      yield* rivalFills(first.requestId, 0n)
      yield* reaches(first.slot(0n), "SaleIgnored")
      answers = true
      yield* pass(5n)
      yield* reaches(second.slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was slashed is not asked for when a slot that the host holds already is taken up again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        tokens: 100n,
        faults: (market) => ({ collateral: (account) => Effect.map(market.collateral(account), (all) => all - 10n) }),
      })
      const { requestId, slot } = yield* client.request()
      yield* host.market.approveFunds(100n)
      yield* host.market.deposit(100n)
      yield* host.market.fillSlot(requestId, 0n, new Uint8Array([1]))
      // Nothing is reserved: its disk was lost.
      const { reaches } = yield* host.run()
      yield* reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is slashed between the deposit and the filling is topped up once more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let slashed = false
      const host = yield* makeHost({
        faults: (market) => ({
          fillSlot: (requestId, slotIndex, proof) =>
            Effect.gen(function* () {
              if (!slashed) yield* Effect.orDie(market.withdraw)
              slashed = true
              yield* market.fillSlot(requestId, slotIndex, proof)
            }),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      yield* pass(1n)
      yield* reaches(slot(0n), "SaleProving")
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
      const { slot } = yield* client.request()
      yield* settle
      assert.isTrue(first.life.dead)
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleProving")
      assert.deepStrictEqual(approved, [100n])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is approved again when another part of the node has spent the allowance in between", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let thefts = 2
      const host = yield* makeHost({
        faults: (market) => ({
          deposit: (amount) =>
            Effect.suspend(() =>
              thefts-- > 0
                ? Effect.fail(new InsufficientAllowance({ account: market.account }))
                : market.deposit(amount),
            ),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleFilling")
      yield* pass(10n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )
})
