import { assert, describe, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { Periodicity } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { BigInt as BigInts, Effect, Exit, Schema, Semaphore } from "effect"
import { configWith, Hosting, type Through } from "./hosting.ts"
import { held, honest, settled, sides, verifying, watchedProofs, withLoop } from "./provingBed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Proofs are mined one at a time, each in a second of its own, and verified then. */
const oneAtATime: Through = (calls) =>
  Effect.map(ChainClock, (clock) => {
    const queue = Semaphore.makeUnsafe(1)
    let latest = 0n
    return {
      ...calls,
      submitProof: Effect.fnUntraced(function* (slotId, proof) {
        yield* clock.waitPast(latest)
        yield* verifying(calls).submitProof(slotId, proof)
        latest = yield* clock.now
      }, queue.withPermit),
    }
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

for (const { name, bed } of sides)
  describe(name, () => {
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
          const slotIds = yield* held(slots, { seed, proofProbability: BigInt(probability) })
          const { markAsMissing } = yield* Hosting
          const marked: Array<string> = []
          const mark = Effect.gen(function* () {
            const last = Periodicity.periodOf({ seconds: config.proofs.period }, yield* chain.now) - 1n
            for (const slotId of slotIds) {
              const exit = yield* Effect.exit(markAsMissing(slotId, last))
              if (Exit.isSuccess(exit)) marked.push(`${slotId} in ${last}`)
            }
          })
          yield* grow(500n, mark)
          assert.deepStrictEqual(marked, [])
          const places = proofs.map(({ slotId, period }) => `${slotId} in ${period}`)
          assert.strictEqual(new Set(places).size, places.length)
          if (probability <= 1) assert.isAtLeast(places.length, (slots * 200) / period)
        }).pipe(Effect.provide(withLoop(bed({ config, prover: honest, through: oneAtATime }))), Effect.scoped)
      },
      { arbitrary: { runs: 25 } },
    )
  })
