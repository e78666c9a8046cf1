import { assert, describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import {
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  SlotNotAcceptingProofs,
  ValidationTimedOut,
} from "../../MarketError.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  enterNextPeriod,
  failsWith,
  failsWithPanic,
  filled,
  type It,
  leaveDowntime,
  missProof,
  movePointer,
  newSpender,
  proof,
  started,
  thisPeriod,
} from "../Scenario.ts"

/** Marking missing proofs (contract interface, section 2.7). What it costs the host: see Collateral.ts. */
export const missingProofs = (it: It) =>
  describe("missing proofs", () => {
    it.effect(
      "markProofAsMissing counts a proof that was due and did not come; anyone can mark it, and is paid nothing at once",
      () =>
        Effect.gen(function* () {
          const { host, slot } = yield* filled()
          const anyone = yield* newSpender(0n)
          yield* anyone.markProofAsMissing(slot, yield* missProof(host, slot))
          assert.strictEqual(yield* host.missingProofs(slot), 1n)
          yield* host.markProofAsMissing(slot, yield* missProof(host, slot))
          assert.strictEqual(yield* host.missingProofs(slot), 2n)
          assert.strictEqual(yield* anyone.tokens(anyone.account), 0n)
        }),
    )

    it.effect("markProofAsMissing of a slot that is not filled fails: Slot not accepting proofs", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const cancelled = yield* filled()
        const free = slotId(cancelled.requestId, 1n)
        const { period } = yield* thisPeriod(cancelled.host)
        const mark = cancelled.host.markProofAsMissing
        yield* failsWith(mark(free, period), new SlotNotAcceptingProofs({ slotId: free }))
        yield* bed.advanceTo(cancelled.request.expiry + 1n)
        const finished = yield* started()
        yield* bed.advanceTo((yield* finished.host.requestEnd(finished.requestId)) + 1n)
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.lastSlot)
        for (const { host, slot } of [cancelled, finished, failed]) {
          const missed = yield* missProof(host, slot)
          yield* failsWith(mark(slot, missed), new SlotNotAcceptingProofs({ slotId: slot }))
        }
      }),
    )

    it.effect("markProofAsMissing fails up to the first second after the period: Period has not ended yet", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* filled()
        yield* enterNextPeriod(host)
        const { end, period } = yield* thisPeriod(host)
        const tooEarly = new PeriodNotEnded({ slotId: slot, period })
        yield* leaveDowntime(host, slot, period)
        yield* failsWith(host.markProofAsMissing(slot, period), tooEarly)
        yield* bed.advanceTo(end)
        yield* failsWith(host.markProofAsMissing(slot, period), tooEarly)
        yield* bed.advanceTo(end + 1n)
        yield* host.markProofAsMissing(slot, period)
      }),
    )

    it.effect("markProofAsMissing of a period whose end is no uint256 panics", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        yield* failsWithPanic(host.markProofAsMissing(slot, 2n ** 256n - 1n))
      }),
    )

    it.effect("markProofAsMissing fails from its timeout after the period on: Validation timed out", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, lastSlot, slot } = yield* started()
        const { timeout } = (yield* host.config).proofs
        yield* enterNextPeriod(host)
        const { end, period } = yield* thisPeriod(host)
        yield* bed.advanceTo(end + timeout - 1n)
        yield* leaveDowntime(host, slot, period)
        yield* host.markProofAsMissing(slot, period)
        yield* bed.advanceTo(end + timeout)
        yield* leaveDowntime(host, lastSlot, period)
        const tooLate = new ValidationTimedOut({ slotId: lastSlot, period })
        yield* failsWith(host.markProofAsMissing(lastSlot, period), tooLate)
      }),
    )

    it.effect("markProofAsMissing of a proof that came fails: Proof was submitted, not missing", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* filled()
        yield* enterNextPeriod(host)
        const { end, period } = yield* thisPeriod(host)
        yield* host.submitProof(slot, proof)
        yield* bed.advanceTo(end + 1n)
        yield* leaveDowntime(host, slot, period)
        yield* failsWith(host.markProofAsMissing(slot, period), new ProofNotMissing({ slotId: slot, period }))
        assert.strictEqual(yield* host.missingProofs(slot), 0n)
      }),
    )

    it.effect("the proof with which a slot was filled came, too: Proof was submitted, not missing", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* filled()
        const { end, period } = yield* thisPeriod(host)
        yield* bed.advanceTo(end + 1n)
        yield* failsWith(host.markProofAsMissing(slot, period), new ProofNotMissing({ slotId: slot, period }))
      }),
    )

    it.effect("markProofAsMissing of the period before the slot was filled fails: Proof was not required", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, requestId } = yield* filled()
        const { end, period } = yield* thisPeriod(host)
        yield* bed.advanceTo(end + 1n)
        yield* host.fillSlot(requestId, 1n, proof)
        const slot = slotId(requestId, 1n)
        yield* leaveDowntime(host, slot, period)
        yield* failsWith(host.markProofAsMissing(slot, period), new ProofNotRequired({ slotId: slot, period }))
      }),
    )

    it.effect("markProofAsMissing a second time fails: Proof already marked as missing", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        const period = yield* missProof(host, slot)
        yield* host.markProofAsMissing(slot, period)
        yield* failsWith(host.markProofAsMissing(slot, period), new ProofAlreadyMarked({ slotId: slot, period }))
        assert.strictEqual(yield* host.missingProofs(slot), 1n)
      }),
    )

    it.effect("markProofAsMissing asks at the time of the marking: within the downtime, Proof was not required", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        const period = yield* missProof(host, slot)
        yield* host.markProofAsMissing(slot, period)
        yield* movePointer(slot, period, 0n)
        yield* failsWith(host.markProofAsMissing(slot, period), new ProofNotRequired({ slotId: slot, period }))
      }),
    )
  })
