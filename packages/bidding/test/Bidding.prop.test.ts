import { assert, describe, it } from "@effect/vitest"
import { Offer, Periodicity } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Option, Schema } from "effect"
import type { BidRequest } from "../src/index.ts"
import { DataUnavailable } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, passUntil, settle, size, start } from "./bed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** What happens to the market, one thing after the other. */
const Step = Schema.Union([
  // selected: at once; 3, nobody.
  Schema.Struct({ does: Schema.Literal("request"), expirySeconds: between(30, 300), selected: between(0, 3) }),
  Schema.Struct({ does: Schema.Literal("select"), request: between(0, 9), host: between(0, 2) }),
  Schema.Struct({ does: Schema.Literal("miss"), periods: Schema.Literals([1, 10, 60]) }),
  Schema.Struct({ does: Schema.Literal("kill"), host: between(0, 2) }),
  Schema.Struct({ does: Schema.Literal("pass"), seconds: between(1, 100) }),
])

/** A host, and how its data comes. */
const Temper = Schema.Struct({
  slots: between(1, 4),
  tokens: Schema.Literals([0, 99, 100, 250, 450]),
  data: Schema.Literals(["soon", "soon", "late", "never", "wrong"]),
})

const dataOf = (temper: typeof Temper.Type): Effect.Effect<void, DataUnavailable> => {
  const unavailable = (isRetryable: boolean) => Effect.fail(new DataUnavailable({ detail: "no data", isRetryable }))
  switch (temper.data) {
    case "soon":
      return Effect.void
    case "late":
      return Effect.sleep("100 seconds")
    case "never":
      return unavailable(true)
    case "wrong":
      return unavailable(false)
  }
}

const makeTrader = Effect.fnUntraced(function* (temper: typeof Temper.Type, index: number) {
  const price = BigInt(1000 * (index + 1))
  const host = yield* makeHost({ slots: BigInt(temper.slots), tokens: BigInt(temper.tokens), price })
  host.storage.beforeStore = () => dataOf(temper)
  const trader = { ...host, temper, price, current: yield* host.run(), wasSlashed: false }
  /** How many contracts and open offers the host is bound by. */
  const boundBy = (asked: ReadonlyArray<BidRequest>) =>
    Effect.gen(function* () {
      const { now } = yield* MemoryChain
      let bound = 0
      for (const { requestId, request } of asked) {
        const ours = Offer.id(new Offer({ host: host.account, requestId, price, expiry: request.expiry }))
        const selected = Option.getOrUndefined(yield* host.market.selectedOffer(requestId))
        const isOpen = selected === undefined && (yield* now) < request.expiry
        const isOffered = Option.isSome(yield* host.market.getOffer(ours))
        const contract = selected === ours ? yield* host.market.contractState(ours) : "None"
        if ((isOpen && isOffered) || contract === "Selected" || contract === "Started") bound += 1
      }
      return bound
    })
  return { trader, boundBy }
})

describe("three hosts that bid, are killed, miss proofs and lack data at any time", () => {
  it.effect.prop(
    "are covered by their collateral, and end with all space free and every token where it belongs",
    [
      Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(6), Schema.isMaxLength(14))),
      Schema.Tuple([Temper, Temper, Temper]),
    ],
    ([steps, tempers]) =>
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const client = yield* makeClient
        const clientBefore = yield* client.market.tokens(client.account)
        const { proofs } = yield* client.market.config
        const hosts = yield* Effect.forEach(tempers, makeTrader)
        const asked: Array<BidRequest> = []
        let burnt = 0n

        const isAnyStarted = Effect.map(
          Effect.forEach(hosts, ({ trader }) => trader.current.bidding.contracts),
          (all) => all.flat().length > 0,
        )

        const select = Effect.fnUntraced(function* (where: BidRequest, index: number) {
          const host = hosts[index]
          if (host === undefined) return
          yield* Effect.ignore(client.select(host.trader.account, where, host.trader.price))
        })

        /** Lets a period pass, and marks each proof that was missing in it. */
        const missPeriod = Effect.gen(function* () {
          const periods = { seconds: proofs.period }
          const period = Periodicity.periodOf(periods, yield* chain.now)
          yield* passUntil(Periodicity.periodEnd(periods, period) + 1n)
          for (const { requestId } of asked) {
            const selected = Option.getOrUndefined(yield* client.market.selectedOffer(requestId))
            if (selected === undefined) continue
            const stakes = Effect.forEach([...hosts.map(({ trader }) => trader.account), client.account], (account) =>
              client.market.collateral(account),
            )
            const before = yield* stakes
            yield* Effect.ignore(client.market.markProofAsMissing(selected, period))
            const after = yield* stakes
            for (const [index, { trader }] of hosts.entries()) {
              if ((after[index] ?? 0n) < (before[index] ?? 0n)) trader.wasSlashed = true
            }
            const sum = (amounts: ReadonlyArray<bigint>) => amounts.reduce((total, amount) => total + amount, 0n)
            burnt += sum(before) - sum(after)
            // Before anything else moves.
            yield* settle
          }
        })

        for (const step of steps) {
          if (step.does === "request") {
            const expiry = (yield* chain.now) + BigInt(step.expirySeconds)
            const made = yield* client.request({ duration: 2000n, expiry, proofProbability: 1n })
            asked.push(made)
            yield* settle
            yield* select(made, step.selected)
          } else if (step.does === "pass") {
            yield* pass(BigInt(step.seconds))
          } else if (step.does === "miss") {
            for (let i = 0; i < step.periods && (yield* isAnyStarted); i++) yield* missPeriod
          } else if (step.does === "select") {
            const where = asked[step.request % asked.length]
            if (where !== undefined) yield* select(where, step.host)
          } else {
            const trader = hosts[step.host]?.trader
            if (trader === undefined) continue
            trader.current.life.dead = true
            trader.current = yield* trader.run()
          }
          yield* settle
          for (const { trader, boundBy } of hosts) {
            if (trader.wasSlashed || trader.temper.data === "wrong") continue
            assert.isAtLeast(Number(yield* trader.collateral), (yield* boundBy(asked)) * 100)
          }
        }

        // Every request expires, every contract ends, and what was given up is released.
        const refund = Effect.forEach(asked, ({ requestId }) => Effect.ignore(client.market.withdrawFunds(requestId)))
        for (let i = 1n; i <= 10n; i++) yield* passUntil((yield* chain.now) + 50n)
        const last = (yield* chain.now) + 3500n
        while ((yield* chain.now) < last) yield* pass(100n)
        yield* refund

        let earned = 0n
        for (const { trader } of hosts) {
          const { bidding } = trader.current
          assert.deepStrictEqual(yield* bidding.bids, [])
          assert.deepStrictEqual(yield* bidding.contracts, [])
          assert.strictEqual(yield* trader.freeBytes, BigInt(trader.temper.slots) * size)
          assert.deepStrictEqual(yield* trader.reservations.reservations, [])
          assert.strictEqual(trader.storage.stored.size, 0)
          yield* bidding.withdrawCollateral
          earned += (yield* trader.tokens) - BigInt(trader.temper.tokens)
        }
        yield* client.market.withdraw
        const spent = clientBefore - (yield* client.market.tokens(client.account))
        assert.strictEqual(spent, earned + burnt)
        assert.strictEqual(yield* client.market.tokens(chain.offerContract), burnt)
        assert.isAbove(Number(yield* chain.now), Number(start))
      }).pipe(Effect.provide(layerChain), Effect.scoped),
    { arbitrary: { runs: 60 } },
  )
})
