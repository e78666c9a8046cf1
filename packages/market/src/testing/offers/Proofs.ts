import { assert, describe } from "@effect/vitest"
import { OfferId, Periodicity } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { InvalidProof, ProofAlreadySubmitted } from "../../MarketError.ts"
import { ContractNotStarted, NotHostOfOffer } from "../../OfferError.ts"
import { nextBlock } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { enterNextPeriod, failsWith, movePointer, pointerIn, proof, thisPeriod } from "../Scenario.ts"
import { offerEventsSince, what } from "./OfferHistory.ts"
import {
  failed,
  finished,
  type OfferIt,
  type OfferMarketOf,
  offered,
  running,
  selected,
  strangeOffer,
} from "./OfferScenario.ts"

/** What the contract asks for now, and will ask for in this period. */
const asks = (market: OfferMarketOf, offerId: OfferId) =>
  Effect.all([market.isProofRequired(offerId), market.willProofBeRequired(offerId)])

/** Whether a proof is due in this period, now or when the pointer has left its downtime. */
const isDue = (market: OfferMarketOf, offerId: OfferId) =>
  Effect.map(asks(market, offerId), ([is, willBe]) => is || willBe)

/** Proofs, and when they are due. The rules that the marketplace shares: see its suite. */
export const proofs = (it: OfferIt) =>
  describe("proofs", () => {
    it.effect("submitProof is taken once a period, and told of with the proof", () =>
      Effect.gen(function* () {
        const { host, offerId, slot } = yield* running()
        const from = yield* nextBlock
        yield* host.submitProof(offerId, proof)
        yield* failsWith(host.submitProof(offerId, proof), new ProofAlreadySubmitted({ slotId: slot }))
        yield* enterNextPeriod(host)
        const long = new Uint8Array(300).fill(9)
        yield* host.submitProof(offerId, long)
        assert.deepStrictEqual((yield* offerEventsSince(from, offerId)).map(what), [
          { _tag: "ProofSubmitted", offerId, proof },
          { _tag: "ProofSubmitted", offerId, proof: long },
        ])
      }),
    )

    it.effect("submitProof of what was never started fails: Contract not started", () =>
      Effect.gen(function* () {
        const undecided = yield* offered()
        const idle = yield* selected()
        const { host } = idle
        for (const offerId of [undecided.offerId, idle.offerId, yield* strangeOffer]) {
          yield* failsWith(host.submitProof(offerId, proof), new ContractNotStarted({ offerId }))
        }
      }),
    )

    it.effect("submitProof by another account fails: Only host can call this function", () =>
      Effect.gen(function* () {
        const { client, offerId } = yield* running()
        const { account } = client
        yield* failsWith(client.submitProof(offerId, new Uint8Array()), new NotHostOfOffer({ offerId, account }))
      }),
    )

    it.effect("submitProof of nothing fails: Invalid proof, also when one came already", () =>
      Effect.gen(function* () {
        const { host, offerId, slot } = yield* running()
        const none = host.submitProof(offerId, new Uint8Array())
        yield* failsWith(none, new InvalidProof({ slotId: slot }))
        yield* host.submitProof(offerId, proof)
        yield* failsWith(none, new InvalidProof({ slotId: slot }))
      }),
    )

    it.effect("submitProof does no harm when the contract is over", () =>
      Effect.gen(function* () {
        for (const { host, offerId } of [yield* finished(), yield* failed()]) {
          const state = yield* host.contractState(offerId)
          yield* enterNextPeriod(host)
          yield* host.submitProof(offerId, proof)
          assert.strictEqual(yield* host.contractState(offerId), state)
        }
      }),
    )

    it.effect("proofs are due from the period after the start to the one before the end", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { end, host, offerId } = yield* running({ duration: 1_003n })
        const { period: seconds } = (yield* host.config).proofs
        const isDueAt = (time: bigint) => Effect.andThen(bed.advanceTo(time), isDue(host, offerId))
        assert.isFalse(yield* isDueAt(yield* bed.now))
        const { end: afterStart } = yield* thisPeriod(host)
        assert.isFalse(yield* isDueAt(afterStart - 1n))
        assert.isTrue(yield* isDueAt(afterStart))
        const lastStart = Periodicity.periodStart({ seconds }, Periodicity.periodOf({ seconds }, end))
        assert.isTrue(yield* isDueAt(lastStart - 1n))
        for (const time of [lastStart, end, end + 1n]) assert.isFalse(yield* isDueAt(time), `at ${time}`)
      }),
    )

    it.effect("no proof is due of what does not run", () =>
      Effect.gen(function* () {
        const scenes = [yield* offered(), yield* selected(), yield* failed(), yield* finished()] as const
        const started = yield* running()
        yield* enterNextPeriod(started.host)
        assert.isTrue(yield* isDue(started.host, started.offerId))
        for (const { host, offerId } of scenes) assert.isFalse(yield* isDue(host, offerId))
        assert.isFalse(yield* isDue(started.host, yield* strangeOffer))
      }),
    )

    it.effect("a proof whose pointer is in its downtime will be due, and is not yet", () =>
      Effect.gen(function* () {
        const { host, offerId, slot } = yield* running()
        const { downtime } = (yield* host.config).proofs
        yield* enterNextPeriod(host)
        const { period } = yield* thisPeriod(host)
        yield* movePointer(slot, period, downtime - 1n)
        assert.deepStrictEqual(yield* asks(host, offerId), [false, true])
        yield* movePointer(slot, period, downtime)
        assert.deepStrictEqual(yield* asks(host, offerId), [true, false])
      }),
    )

    it.effect("probability 0 and 1 mean a proof in every period, and no panic", () =>
      Effect.gen(function* () {
        for (const proofProbability of [0n, 1n]) {
          const { host, offerId } = yield* running({ proofProbability })
          for (let i = 0; i < 10; i++) {
            yield* enterNextPeriod(host)
            assert.isTrue(yield* isDue(host, offerId))
          }
        }
      }),
    )

    it.effect("a rare proof is due when the challenge has it so", () =>
      Effect.gen(function* () {
        const { host, offerId } = yield* running({ proofProbability: 4n })
        const { downtime } = (yield* host.config).proofs
        const oneIn = (4n * (256n - downtime)) / 256n
        const seen = new Set<boolean>()
        for (let i = 0; i < 400 && seen.size < 2; i++) {
          yield* enterNextPeriod(host)
          const isDrawn = BigInt(yield* host.getChallenge(offerId)) % oneIn === 0n
          assert.strictEqual(yield* isDue(host, offerId), isDrawn)
          seen.add(isDrawn)
        }
        assert.strictEqual(seen.size, 2)
      }),
    )

    it.effect("the pointer and the challenge are those of a slot with the offer's id, started or not", () =>
      Effect.gen(function* () {
        const { host, offerId } = yield* offered()
        const slot = OfferId.slotId(offerId)
        const { period } = yield* thisPeriod(host)
        assert.strictEqual(yield* host.getPointer(offerId), yield* pointerIn(slot, period))
        assert.match(yield* host.getChallenge(offerId), /^0x[0-9a-f]{64}$/)
      }),
    )
  })
