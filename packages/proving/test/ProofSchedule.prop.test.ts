import { assert, describe, it } from "@effect/vitest"
import { Periodicity, type SlotId } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Schema } from "effect"
import { keccak256, toBeHex } from "ethers"
import { type FilledSlot, ProofSchedule } from "../src/index.ts"
import { configWith, Hosting } from "./hosting.ts"
import { held, sides } from "./provingBed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** In the chain in memory the hash of a block is that of its number. */
const hashOf = (number: bigint) => keccak256(toBeHex(number, 32))

/** What the schedule says of a slot, for a transaction sent now. */
const scheduled = Effect.fnUntraced(function* (slot: FilledSlot) {
  const chain = yield* MemoryChain
  const { proofs } = chain.config
  const block = { number: (yield* chain.head).number + 1n, hashOf }
  const period = Periodicity.periodOf({ seconds: proofs.period }, yield* chain.now)
  const requirement = ProofSchedule.requirement(proofs, slot, period, block)
  return {
    pointer: ProofSchedule.pointer(slot.slotId, period, block.number),
    challenge: ProofSchedule.challengeAt(slot.slotId, period, block),
    isRequired: requirement === "Due",
    willBeRequired: requirement === "Upcoming",
    requirement,
  }
})

const answered = Effect.fnUntraced(function* (slotId: SlotId) {
  const { calls } = yield* Hosting
  const isRequired = yield* calls.isProofRequired(slotId)
  const willBeRequired = yield* calls.willProofBeRequired(slotId)
  return {
    pointer: yield* calls.getPointer(slotId),
    challenge: yield* calls.getChallenge(slotId),
    isRequired,
    willBeRequired,
    requirement: isRequired ? "Due" : willBeRequired ? "Upcoming" : "None",
  }
})

const Terms = {
  seed: Schema.Int,
  probability: between(0, 12),
  downtime: between(0, 255),
  period: between(1, 20),
}

for (const { name, bed } of sides)
  describe(`the schedule of proofs on the market of ${name}`, () => {
    it.effect.prop(
      "is what the contract answers, whatever blocks and seconds go by",
      { ...Terms, steps: Schema.Array(Schema.Struct({ seconds: between(0, 30), blocks: between(0, 300) })) },
      ({ seed, probability, downtime, period, steps }) =>
        Effect.gen(function* () {
          const chain = yield* MemoryChain
          const filledAt = yield* chain.now
          const slotIds = yield* held(3, { seed, proofProbability: BigInt(probability) })
          for (const { seconds, blocks } of [{ seconds: 0, blocks: 0 }, ...steps.slice(0, 30)]) {
            yield* chain.advanceTo((yield* chain.now) + BigInt(seconds))
            yield* chain.mine(BigInt(blocks))
            for (const slotId of slotIds) {
              const slot = { slotId, filledAt, probability: BigInt(probability) }
              assert.deepStrictEqual(yield* scheduled(slot), yield* answered(slotId))
            }
          }
        }).pipe(Effect.provide(bed({ config: configWith({ downtime: BigInt(downtime), period: BigInt(period) }) }))),
      { arbitrary: { runs: 60 } },
    )

    it.effect.prop(
      "says how many blocks its answer holds at least, within a period",
      { ...Terms, blocks: between(0, 255) },
      ({ seed, probability, downtime, blocks }) =>
        Effect.gen(function* () {
          const chain = yield* MemoryChain
          const slotIds = yield* held(2, { seed, proofProbability: BigInt(probability) })
          yield* chain.advanceTo((yield* chain.now) + 1000n)
          yield* chain.mine(BigInt(blocks))
          for (const slotId of slotIds) {
            const { requirement, pointer } = yield* answered(slotId)
            const change = ProofSchedule.blocksUntilChange(chain.config.proofs, pointer)
            assert.isTrue(change >= 1n && change <= 256n)
            yield* chain.mine(change - 1n)
            assert.strictEqual((yield* answered(slotId)).requirement, requirement)
            yield* chain.mine()
            if (requirement === "Upcoming") assert.isTrue((yield* answered(slotId)).isRequired)
            else assert.isTrue([0n, chain.config.proofs.downtime].includes((yield* answered(slotId)).pointer))
          }
        }).pipe(Effect.provide(bed({ config: configWith({ downtime: BigInt(downtime), period: 1000n }) }))),
      { arbitrary: { runs: 60 } },
    )
  })
