import { assert, describe, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { Periodicity } from "@pecia/contracts-abi"
import { Market, MemoryChain } from "@pecia/market"
import { BigInt as BigInts, Effect, Exit, Layer, Schema, Semaphore } from "effect"
import { Proving } from "../src/index.ts"
import { configWith, filled } from "./hosting.ts"
import { bed, honest, settled, verifying, watchedProofs } from "./provingBed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Proofs are mined one at a time, each in a second of its own, and verified then. */
const oneAtATime = Effect.fnUntraced(function* (market: Market["Service"]) {
  const clock = yield* ChainClock
  const queue = yield* Semaphore.make(1)
  let latest = 0n
  return Market.of({
    ...market,
    submitProof: Effect.fnUntraced(function* (slotId, proof) {
      yield* clock.waitPast(latest)
      yield* verifying(market).submitProof(slotId, proof)
      latest = yield* clock.now
    }, queue.withPermit),
  })
})

/** Lets the chain grow, by one block a second at most, for about so many seconds; does something with each block. */
const grow = Effect.fnUntraced(function* (seconds: bigint, eachBlock: Effect.Effect<void>) {
  const chain = yield* MemoryChain
  const start = yield* chain.head
  for (;;) {
    const { number, timestamp } = yield* chain.head
    if (timestamp >= start.timestamp + seconds) return
    yield* chain.advanceTo(BigInts.max(timestamp, start.timestamp + number - start.number) + 1n)
    yield* settled
    yield* eachBlock
  }
})

describe("Proving", () => {
  // The downtime is longer than the timeout: otherwise the contract may ask for a proof after its period has ended.
  it.effect.prop(
    "never lets a proof be marked as missing, and never proves twice in a period",
    {
      seed: Schema.Int,
      period: between(16, 40),
      timeout: between(2, 10),
      extraDowntime: between(0, 100),
      probability: between(0, 8),
      slots: between(1, 3),
      early: between(0, 300),
    },
    ({ seed, period, timeout, extraDowntime, probability, slots, early }) => {
      const config = configWith({
        period: BigInt(period),
        timeout: BigInt(timeout),
        downtime: BigInt(timeout + extraDowntime),
      })
      return Effect.gen(function* () {
        const chain = yield* MemoryChain
        yield* chain.mine(BigInt(early))
        const proofs = yield* watchedProofs
        const { slotIds } = yield* filled(slots, { seed, proofProbability: BigInt(probability) })
        const validator = chain.market(yield* chain.newAccount)
        const marked: Array<string> = []
        const mark = Effect.gen(function* () {
          const last = Periodicity.periodOf({ seconds: config.proofs.period }, yield* chain.now) - 1n
          for (const slotId of slotIds) {
            const exit = yield* Effect.exit(validator.markProofAsMissing(slotId, last))
            if (Exit.isSuccess(exit)) marked.push(`${slotId} in ${last}`)
          }
        })
        yield* grow(500n, mark)
        assert.deepStrictEqual(marked, [])
        const places = proofs.map(({ slotId, period }) => `${slotId} in ${period}`)
        assert.strictEqual(new Set(places).size, places.length)
        if (probability <= 1) assert.isAtLeast(places.length, (slots * 200) / period)
      }).pipe(
        Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, prover: honest, through: oneAtATime }))),
        Effect.scoped,
      )
    },
    { arbitrary: { runs: 25 } },
  )
})
