import { assert, describe } from "@effect/vitest"
import { OfferId, zeroAddress } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import {
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  SlotNotAcceptingProofs,
  ValidationTimedOut,
} from "../../MarketError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import {
  enterNextPeriod,
  failsWith,
  failsWithPanic,
  leaveDowntime,
  missProof,
  movePointer,
  proof,
  thisPeriod,
} from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  failContract,
  failed,
  finished,
  newOffer,
  newTrader,
  type OfferIt,
  offered,
  requested,
  running,
  selected,
  slashBidder,
  strangeOffer,
} from "./OfferScenario.ts"

/** Marking missing proofs, and what it costs. */
export const missingProofs = (it: OfferIt) =>
  describe("missing proofs", () => {
    it.effect("markProofAsMissing counts a proof that was due and did not come; anyone can mark it", () =>
      Effect.gen(function* () {
        const { host, offerId, slot } = yield* running()
        const anyone = yield* newTrader(0n)
        assert.strictEqual(yield* anyone.missingProofs(offerId), 0n)
        yield* anyone.markProofAsMissing(offerId, yield* missProof(host, slot))
        assert.strictEqual(yield* anyone.missingProofs(offerId), 1n)
      }),
    )

    it.effect("markProofAsMissing of what does not run fails: Slot not accepting proofs", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const over = yield* running()
        yield* bed.advanceTo(over.end + 1n)
        const scenes = [yield* offered(), yield* selected(), yield* failed(), yield* finished(), over]
        const { client } = over
        const period = yield* missProof(client, over.slot)
        for (const offerId of [...scenes.map(({ offerId }) => offerId), yield* strangeOffer]) {
          const slotId = OfferId.slotId(offerId)
          yield* failsWith(client.markProofAsMissing(offerId, period), new SlotNotAcceptingProofs({ slotId }))
        }
      }),
    )

    it.effect("markProofAsMissing is possible until the last second of the contract", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { period: seconds } = (yield* (yield* newTrader(0n)).config).proofs
        const start = (yield* bed.now) % seconds
        // so that it ends in the second second of a period
        const { client, end, offerId, slot } = yield* running({ duration: 4n * seconds - start + 1n })
        yield* bed.advanceTo(end)
        const { period } = yield* thisPeriod(client)
        yield* leaveDowntime(client, slot, period - 1n)
        yield* client.markProofAsMissing(offerId, period - 1n)
        yield* bed.advanceTo(end + 1n)
        const over = new SlotNotAcceptingProofs({ slotId: slot })
        yield* failsWith(client.markProofAsMissing(offerId, period - 1n), over)
      }),
    )

    it.effect("markProofAsMissing has its time: Period has not ended yet, and later Validation timed out", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, offerId, slot } = yield* running()
        const { timeout } = (yield* host.config).proofs
        yield* enterNextPeriod(host)
        const { end, period } = yield* thisPeriod(host)
        const at = Effect.fnUntraced(function* (time: bigint) {
          yield* bed.advanceTo(time)
          yield* leaveDowntime(host, slot, period)
          return host.markProofAsMissing(offerId, period)
        })
        const tooEarly = new PeriodNotEnded({ slotId: slot, period })
        yield* failsWith(yield* at(end), tooEarly)
        yield* yield* at(end + 1n)
        yield* failsWith(yield* at(end + timeout - 1n), new ProofAlreadyMarked({ slotId: slot, period }))
        yield* failsWith(yield* at(end + timeout), new ValidationTimedOut({ slotId: slot, period }))
        yield* failsWithPanic(host.markProofAsMissing(offerId, 2n ** 256n - 1n))
      }),
    )

    it.effect("markProofAsMissing of a proof that came fails: Proof was submitted, not missing", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, offerId, slot } = yield* running()
        yield* enterNextPeriod(host)
        const { end, period } = yield* thisPeriod(host)
        yield* host.submitProof(offerId, proof)
        yield* bed.advanceTo(end + 1n)
        yield* leaveDowntime(host, slot, period)
        yield* failsWith(host.markProofAsMissing(offerId, period), new ProofNotMissing({ slotId: slot, period }))
      }),
    )

    it.effect("markProofAsMissing of the period of the start, or in the downtime, fails: Proof was not required", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, offerId, slot } = yield* running()
        const { end, period } = yield* thisPeriod(host)
        yield* bed.advanceTo(end + 1n)
        yield* leaveDowntime(host, slot, period)
        yield* failsWith(host.markProofAsMissing(offerId, period), new ProofNotRequired({ slotId: slot, period }))
        const missed = yield* missProof(host, slot)
        yield* movePointer(slot, missed, 0n)
        const notYet = new ProofNotRequired({ slotId: slot, period: missed })
        yield* failsWith(host.markProofAsMissing(offerId, missed), notYet)
      }),
    )

    it.effect("every so many misses cost a part of the collateral: for whoever marks it, and for the treasury", () =>
      Effect.gen(function* () {
        const offerBed = yield* OfferBed
        for (const isItself of [false, true]) {
          const { host, offerId, slot } = yield* running()
          const marker = isItself ? host : yield* newTrader(0n)
          const { initialAmount, slashCriterion, slashPercentage } = (yield* host.config).collateral
          const { markerPercentage, treasury } = yield* host.options
          const owned = yield* host.collateral(treasury)
          const pool = yield* host.tokens(offerBed.contract)
          for (let i = 1n; i < slashCriterion; i++) {
            yield* marker.markProofAsMissing(offerId, yield* missProof(host, slot))
            assert.strictEqual(yield* host.collateral(host.account), initialAmount)
          }
          yield* marker.markProofAsMissing(offerId, yield* missProof(host, slot))
          const slashed = (initialAmount * slashPercentage) / 100n
          const reward = isItself ? 0n : (slashed * markerPercentage) / 100n
          assert.strictEqual(yield* host.collateral(host.account), initialAmount - slashed)
          if (!isItself) assert.strictEqual(yield* marker.collateral(marker.account), reward)
          const rest = treasury === zeroAddress ? 0n : slashed - reward
          assert.strictEqual(yield* host.collateral(treasury), owned + rest)
          assert.strictEqual(yield* host.tokens(offerBed.contract), pool)
        }
      }),
    )

    it.effect("a contract fails when too little collateral is left, and no other contract of its host", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, offerId, startedAt } = yield* running()
        const scene = yield* requested()
        const other = yield* host.offerStorage(newOffer(host, scene))
        yield* scene.client.selectOffer(other)
        yield* host.startContract(other)
        const { minimumAmount } = (yield* host.config).collateral
        const from = yield* nextBlock
        while ((yield* host.collateral(host.account)) >= minimumAmount) yield* slashBidder(client, offerId)
        assert.strictEqual(yield* host.contractState(offerId), "Failed")
        assert.strictEqual(yield* host.contractState(other), "Started")
        const now = yield* bed.now
        assert.isTrue(now > startedAt)
        assert.deepStrictEqual(yield* host.proofEnd(offerId), Option.some(now))
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId, other)).map(what), [
          { _tag: "ContractFailed", offerId },
        ])
        yield* failContract(client, other)
        yield* host.withdraw
        assert.strictEqual(yield* host.collateral(host.account), 0n)
      }),
    )
  })
