import { assert, describe } from "@effect/vitest"
import { type SlotId, slotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { solidityPackedKeccak256 } from "ethers"
import type { Market } from "../../Market.ts"
import { InvalidProof, ProofAlreadySubmitted, SlotFilledByOtherHost, SlotIsFree } from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  enterNextPeriod,
  failsWith,
  filled,
  type It,
  isDue,
  movePointer,
  newHost,
  newSpender,
  proof,
  started,
  strangeId,
  thisPeriod,
} from "../Scenario.ts"

/** What the two questions answer for the next transaction. */
const demand = Effect.fnUntraced(function* (market: Market["Service"], slot: SlotId) {
  return { is: yield* market.isProofRequired(slot), willBe: yield* market.willProofBeRequired(slot) }
})

/** Submitting proofs, and when they are due (contract interface, sections 2.6 and 4). */
export const proofs = (it: It) =>
  describe("proofs", () => {
    it.effect("submitProof takes a proof from the slot's host, whether or not it is due, and tells of it", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled({ proofProbability: 2n ** 64n - 1n })
        const bytes = Uint8Array.from({ length: 100 }, (_, i) => i)
        yield* enterNextPeriod(host)
        const from = yield* nextBlock
        yield* host.submitProof(slot, bytes)
        const events = yield* eventsSince(from, slot)
        assert.deepStrictEqual(events.map(what), [{ _tag: "ProofSubmitted", slotId: slot, proof: bytes }])
      }),
    )

    it.effect("submitProof for a slot that nobody has fails: Slot is free", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        yield* host.freeSlot(slot)
        yield* enterNextPeriod(host)
        for (const free of [slot, slotId(requestId, 1n), yield* strangeId]) {
          yield* failsWith(host.submitProof(free, proof), new SlotIsFree({ slotId: free }))
          yield* failsWith(host.submitProof(free, new Uint8Array()), new SlotIsFree({ slotId: free }))
        }
      }),
    )

    it.effect("submitProof for another host's slot fails: Slot filled by other host", () =>
      Effect.gen(function* () {
        const { client, slot } = yield* filled()
        yield* enterNextPeriod(client)
        const refused = new SlotFilledByOtherHost({ slotId: slot })
        for (const other of [client, yield* newHost]) {
          yield* failsWith(other.submitProof(slot, proof), refused)
          yield* failsWith(other.submitProof(slot, new Uint8Array()), refused)
        }
      }),
    )

    it.effect("a host may go on to submit proofs when its request is over, paid or not", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, requestId, slot } = yield* started()
        yield* bed.advanceTo((yield* host.requestEnd(requestId)) + 1n)
        yield* enterNextPeriod(host)
        yield* host.submitProof(slot, proof)
        yield* host.freeSlot(slot)
        yield* failsWith(host.submitProof(slot, proof), new ProofAlreadySubmitted({ slotId: slot }))
        yield* enterNextPeriod(host)
        yield* host.submitProof(slot, proof)
      }),
    )

    it.effect("submitProof of nothing fails: Invalid proof", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        yield* enterNextPeriod(host)
        yield* failsWith(host.submitProof(slot, new Uint8Array()), new InvalidProof({ slotId: slot }))
      }),
    )

    it.effect("submitProof twice in a period fails: Proof already submitted; filling the slot counts as a proof", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        yield* failsWith(host.submitProof(slot, proof), new ProofAlreadySubmitted({ slotId: slot }))
        yield* enterNextPeriod(host)
        yield* host.submitProof(slot, proof)
        yield* failsWith(host.submitProof(slot, proof), new ProofAlreadySubmitted({ slotId: slot }))
        yield* enterNextPeriod(host)
        yield* host.submitProof(slot, proof)
      }),
    )

    it.effect("the pointer is (block + keccak256(id, period)) mod 256, for the block that comes next", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* filled()
        const expected = Effect.gen(function* () {
          const { period } = yield* thisPeriod(host)
          const drawn = solidityPackedKeccak256(["bytes32", "uint256"], [slot, period])
          return ((yield* nextBlock) + BigInt(drawn)) % 256n
        })
        assert.strictEqual(yield* host.getPointer(slot), yield* expected)
        yield* bed.advanceBlocks(1n)
        assert.strictEqual(yield* host.getPointer(slot), yield* expected)
        yield* enterNextPeriod(host)
        assert.strictEqual(yield* host.getPointer(slot), yield* expected)
      }),
    )

    it.effect("the challenge stays while the pointer rises, and is another one when it has wrapped", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* filled()
        const { period } = yield* thisPeriod(host)
        const challenge = yield* host.getChallenge(slot)
        assert.match(challenge, /^0x[0-9a-f]{64}$/)
        yield* movePointer(slot, period, 255n)
        assert.strictEqual(yield* host.getChallenge(slot), challenge)
        yield* bed.advanceBlocks(1n)
        assert.strictEqual(yield* host.getPointer(slot), 0n)
        assert.notStrictEqual(yield* host.getChallenge(slot), challenge)
      }),
    )

    it.effect("pointer and challenge are there for any id, but no proof is ever due for a slot that nobody has", () =>
      Effect.gen(function* () {
        const market = yield* newSpender(0n)
        const slot = yield* strangeId
        assert.match(yield* market.getChallenge(slot), /^0x[0-9a-f]{64}$/)
        assert.isFalse(yield* isDue(market, slot))
        yield* enterNextPeriod(market)
        assert.isFalse(yield* isDue(market, slot))
      }),
    )

    it.effect(
      "no proof is due in the period in which the slot was filled, and at probability 1 in every later one",
      () =>
        Effect.gen(function* () {
          const { host, slot } = yield* filled({ proofProbability: 1n })
          assert.isFalse(yield* isDue(host, slot))
          for (let i = 0; i < 3; i++) {
            yield* enterNextPeriod(host)
            assert.isTrue(yield* isDue(host, slot))
          }
        }),
    )

    it.effect("a proof is announced in the downtime of the pointer, and required after it", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        const { downtime } = (yield* host.config).proofs
        yield* enterNextPeriod(host)
        const { period } = yield* thisPeriod(host)
        yield* movePointer(slot, period, downtime - 1n)
        const challenge = yield* host.getChallenge(slot)
        assert.deepStrictEqual(yield* demand(host, slot), { is: false, willBe: true })
        yield* movePointer(slot, period, downtime)
        assert.deepStrictEqual(yield* demand(host, slot), { is: true, willBe: false })
        assert.strictEqual(yield* host.getChallenge(slot), challenge)
      }),
    )

    it.effect("a proof that was submitted is not asked for less", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        yield* enterNextPeriod(host)
        yield* host.submitProof(slot, proof)
        assert.isTrue(yield* isDue(host, slot))
      }),
    )

    it.effect("at probability N a proof is due when the challenge is divisible by N x (256 - downtime) / 256", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slots } = yield* started({ slots: 4n, proofProbability: 4n, reward: 0n })
        const { downtime } = (yield* host.config).proofs
        const oneIn = (4n * (256n - downtime)) / 256n
        const outcomes = new Set<boolean>()
        yield* enterNextPeriod(host)
        // One of so many challenges asks for a proof; sooner or later both answers come up.
        while (outcomes.size < 2) {
          for (const slot of slots) {
            const due = BigInt(yield* host.getChallenge(slot)) % oneIn === 0n
            const inDowntime = (yield* host.getPointer(slot)) < downtime
            assert.deepStrictEqual(yield* demand(host, slot), { is: due && !inDowntime, willBe: due && inDowntime })
            outcomes.add(due)
          }
          yield* bed.advanceBlocks(32n)
        }
      }),
    )

    it.effect("no proof is due any more when the request was cancelled, has finished or has failed", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const cancelled = yield* filled()
        yield* bed.advanceTo(cancelled.request.expiry + 1n)
        const finished = yield* started()
        yield* bed.advanceTo((yield* finished.host.requestEnd(finished.requestId)) + 1n)
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.lastSlot)
        yield* enterNextPeriod(failed.host)
        for (const { host, slot } of [cancelled, finished, failed]) {
          assert.isFalse(yield* isDue(host, slot))
        }
      }),
    )

    it.effect("a proof is due up to the very end of the request", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, requestId, slot } = yield* started()
        yield* bed.advanceTo(yield* host.requestEnd(requestId))
        assert.isTrue(yield* isDue(host, slot))
      }),
    )

    it.effect("a slot that is filled anew is left alone in that period", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        yield* host.freeSlot(slot)
        yield* enterNextPeriod(host)
        yield* host.fillSlot(requestId, 0n, proof)
        assert.isFalse(yield* isDue(host, slot))
        yield* enterNextPeriod(host)
        assert.isTrue(yield* isDue(host, slot))
      }),
    )
  })
