import { assert, describe, it } from "@effect/vitest"
import { InsufficientAllowance, MemoryChain } from "@pecia/market"
import { Effect, Option } from "effect"
import { eventually, layerChain, makeClient, makeHost, pass, settle, slotSize } from "./bed.ts"

describe("a host's collateral", () => {
  it.effect("is deposited once, however many slots are filled at the same time", () =>
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
      assert.strictEqual(yield* host.collateral, 100n)
      assert.strictEqual(yield* host.tokens, 900n)
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
        `Postponed: The collateral of ${host.account} lacks 100 tokens, and its wallet holds 99; send it more tokens.`,
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
