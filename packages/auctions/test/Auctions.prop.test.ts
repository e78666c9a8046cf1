import { assert, describe, it } from "@effect/vitest"
import type { OfferId } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Exit, Option, Schema } from "effect"
import type { Auction, AuctionOutcome } from "../src/index.ts"
import { fail, layerChain, makeClient, makeHosts, maxPrice, pass, settle, terms } from "./bed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const does = <Name extends string>(name: Name) => Schema.Literal(name)

const hostCount = 3
const host = between(0, hostCount - 1)

/** Seconds that pass after a step. */
const thenSeconds = between(0, 90)

/** What happens to the market, one thing after the other. */
const Step = Schema.Union([
  Schema.Struct({ does: does("open"), slots: between(1, 3), thenSeconds }),
  /** Offers to all that are open. */
  Schema.Struct({
    does: does("offer"),
    host,
    price: between(0, Number(maxPrice)),
    lastsSeconds: between(1, 900),
    thenSeconds,
  }),
  /** All hosts but one start what they were selected for. */
  Schema.Struct({ does: does("start"), lazy: host, thenSeconds }),
  /** A proof of the contract that was started last is missed. */
  Schema.Struct({ does: does("miss"), thenSeconds }),
  Schema.Struct({ does: does("kill"), thenSeconds }),
])
type Step = typeof Step.Type

const duration = 1000n

/** A client, killed now and then, and hosts that do what the steps say. */
const makeMarket = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const client = yield* makeClient({ tokens: 1_000_000n })
  const hosts = yield* makeHosts(hostCount)
  const opened: Array<Auction> = []
  /** When the contracts were started, and in which order. */
  const started = new Map<OfferId, bigint>()
  let run = yield* client.run()

  const start = Effect.fnUntraced(function* (lazy: number) {
    for (const { id } of opened) {
      const offerId = Option.getOrUndefined(yield* client.market.selectedOffer(id))
      const offer = offerId && Option.getOrUndefined(yield* client.market.getOffer(offerId))
      const host = hosts.find(({ account }, index) => index !== lazy && account === offer?.host)
      if (offerId === undefined || host === undefined) continue
      const now = yield* chain.now
      // Otherwise it is too late, or it was started before.
      if (Exit.isSuccess(yield* Effect.exit(host.market.startContract(offerId)))) started.set(offerId, now)
    }
  })

  const miss = Effect.gen(function* () {
    for (const offerId of Array.from(started.keys()).toReversed()) {
      const end = Option.getOrThrow(yield* client.market.proofEnd(offerId))
      const state = yield* client.market.contractState(offerId)
      // No proof is due in the last period.
      if (state === "Started" && (yield* chain.now) + 60n < end) return yield* fail(offerId)
    }
  })

  const take = Effect.fnUntraced(function* (step: Step) {
    switch (step.does) {
      case "open": {
        const slot = (slotIndex: number) => terms({ slotIndex, duration, dataset: `${opened.length}` })
        const more = Array.from({ length: step.slots - 1 }, (_, index) => slot(index + 1))
        return opened.push(...(yield* run.auctions.open([slot(0), ...more])))
      }
      case "offer": {
        const expiry = (yield* chain.now) + BigInt(step.lastsSeconds)
        for (const { id } of opened) {
          // The request expired, the offer was made before, or the collateral is used up.
          yield* Effect.ignore(hosts[step.host]?.offer(id, BigInt(step.price), expiry) ?? Effect.void)
        }
        return
      }
      case "start":
        return yield* start(step.lazy)
      case "miss":
        return yield* miss
      case "kill":
        run.life.dead = true
        run = yield* client.run()
        return
    }
  })

  const steps = (all: ReadonlyArray<Step>) =>
    Effect.forEach(all, (step) =>
      take(step).pipe(Effect.andThen(settle), Effect.andThen(pass(BigInt(step.thenSeconds)))),
    )
  return { client, hosts, opened, started, steps, run: () => run }
})

describe("a client that is killed at any time, and hosts that offer, start and miss proofs as they like", () => {
  it.effect.prop(
    "end with every token where it belongs, the reimbursement included",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMinLength(10), Schema.isMaxLength(25)))],
    ([random]) =>
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const { client, hosts, opened, run, started, steps } = yield* makeMarket
        yield* steps([{ does: "open", slots: 2, thenSeconds: 0 }, ...random])
        // All expire, then end; and the collateral of a host pays for nothing else.
        for (let i = 0; i < 4; i++) yield* pass(600n)

        const earningsOf = Effect.fnUntraced(function* (outcome: AuctionOutcome) {
          if (outcome._tag === "Finished") return { host: outcome.offer.host, amount: outcome.offer.price }
          if (outcome._tag !== "Failed") return undefined
          const { offer, offerId } = outcome
          const failedAt = Option.getOrThrow(yield* client.market.proofEnd(offerId))
          const stored = failedAt - (started.get(offerId) ?? 0n)
          return { host: offer.host, amount: (offer.price * stored) / duration }
        })
        const earned = new Map(hosts.map(({ account }) => [account, 0n]))
        for (const { id } of opened) {
          const { awaitEnd, state } = Option.getOrThrow(yield* run().auctions.find(id))
          assert.strictEqual((yield* state)._tag, "Ended")
          const outcome = yield* awaitEnd
          const earning = yield* earningsOf(outcome)
          if (earning !== undefined) earned.set(earning.host, (earned.get(earning.host) ?? 0n) + earning.amount)
          if ("offerId" in outcome) yield* Effect.ignore(client.market.finishContract(outcome.offerId))
        }

        for (const { account, market } of hosts) {
          assert.strictEqual(yield* market.tokens(account), 900n + (earned.get(account) ?? 0n))
        }
        const spent = Array.from(earned.values()).reduce((sum, amount) => sum + amount, 0n)
        assert.strictEqual(yield* client.tokens, 1_000_000n - spent)
        // What was slashed is still there: burnt, or the collateral of who marked it.
        assert.strictEqual(yield* client.market.tokens(chain.offerContract), BigInt(hosts.length) * 100n)
      }).pipe(Effect.provide(layerChain)),
    { arbitrary: { runs: 30 } },
  )
})
