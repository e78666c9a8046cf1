import { assert, describe } from "@effect/vitest"
import { RequestId, slotId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import {
  InsufficientCollateral,
  InvalidProof,
  InvalidSlot,
  ProofAlreadySubmitted,
  SlotNotFree,
  UnknownRequest,
} from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  enterNextPeriod,
  failsWith,
  filled,
  type It,
  newHost,
  proof,
  started,
  strangeId,
  submitted,
} from "../Scenario.ts"

/** Filling slots, in the order of the contract's checks (contract interface, section 2.3), and the views of a slot. */
export const slots = (it: It) =>
  describe("slots", () => {
    it.effect("fillSlot gives the slot to the caller", () =>
      Effect.gen(function* () {
        const { host, request, slot } = yield* filled()
        assert.strictEqual(yield* host.slotState(slot), "Filled")
        assert.deepStrictEqual(yield* host.getHost(slot), Option.some(host.account))
        assert.deepStrictEqual(yield* host.getActiveSlot(slot), Option.some({ request, slotIndex: 0n }))
        assert.deepStrictEqual(yield* host.mySlots, [slot])
      }),
    )

    it.effect("fillSlot tells of the proof first, then of the slot, then, if it was the last one, of the request", () =>
      Effect.gen(function* () {
        const { requestId } = yield* submitted()
        const host = yield* newHost
        const initial = new Uint8Array([1, 2, 3])
        const [first, second] = [slotId(requestId, 0n), slotId(requestId, 1n)]
        const from = yield* nextBlock
        yield* host.fillSlot(requestId, 1n, initial)
        yield* host.fillSlot(requestId, 0n, proof)
        const events = yield* eventsSince(from, requestId, first, second)
        assert.deepStrictEqual(events.map(what), [
          { _tag: "ProofSubmitted", slotId: second, proof: initial },
          { _tag: "SlotFilled", requestId, slotIndex: 1n, slotId: second },
          { _tag: "ProofSubmitted", slotId: first, proof },
          { _tag: "SlotFilled", requestId, slotIndex: 0n, slotId: first },
          { _tag: "RequestFulfilled", requestId },
        ])
      }),
    )

    it.effect("fillSlot of an unknown request fails: Unknown request", () =>
      Effect.gen(function* () {
        const host = yield* newHost
        const requestId = RequestId.make(yield* strangeId)
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new UnknownRequest({ requestId }))
      }),
    )

    it.effect("fillSlot of an index that the request does not have fails: Invalid slot", () =>
      Effect.gen(function* () {
        const host = yield* newHost
        const { requestId } = yield* submitted()
        yield* failsWith(host.fillSlot(requestId, 2n, proof), new InvalidSlot({ requestId, slotIndex: 2n }))
        const last = 2n ** 256n - 1n
        yield* failsWith(host.fillSlot(requestId, last, proof), new InvalidSlot({ requestId, slotIndex: last }))
      }),
    )

    it.effect("fillSlot of a slot that a host has fails: Slot is not free", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const other = yield* newHost
        yield* failsWith(other.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
        assert.deepStrictEqual(yield* host.getHost(slot), Option.some(host.account))
      }),
    )

    it.effect("fillSlot of a cancelled request fails: Slot is not free, though slotState says Free", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const host = yield* newHost
        const { request, requestId } = yield* submitted()
        const slot = slotId(requestId, 0n)
        yield* bed.advanceTo(request.expiry + 1n)
        assert.strictEqual(yield* host.slotState(slot), "Free")
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
      }),
    )

    it.effect("fillSlot of a slot that was freed before its request ended or failed fails: Slot is not free", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const finished = yield* started()
        yield* bed.forciblyFreeSlot(finished.slot)
        yield* bed.advanceTo((yield* finished.host.requestEnd(finished.requestId)) + 1n)
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.slot)
        yield* enterNextPeriod(failed.host)
        for (const { host, requestId, slot } of [finished, failed]) {
          assert.strictEqual(yield* host.slotState(slot), "Free")
          yield* failsWith(host.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
        }
      }),
    )

    it.effect("fillSlot without collateral fails: Insufficient collateral", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const host = yield* newHost
        const { account } = host
        yield* host.withdraw
        const { initialAmount } = (yield* host.config).collateral
        yield* host.approveFunds(initialAmount)
        yield* host.deposit(initialAmount - 1n)
        const { requestId } = yield* submitted()
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new InsufficientCollateral({ account }))
        yield* host.deposit(1n)
        yield* host.fillSlot(requestId, 0n, proof)
        assert.strictEqual(yield* host.tokens(account), 0n)
        const poor = yield* bed.newMarket(0n)
        yield* failsWith(poor.fillSlot(requestId, 1n, proof), new InsufficientCollateral({ account: poor.account }))
      }),
    )

    it.effect("fillSlot with an empty proof fails: Invalid proof", () =>
      Effect.gen(function* () {
        const { requestId } = yield* submitted()
        const host = yield* newHost
        const slot = slotId(requestId, 0n)
        yield* failsWith(host.fillSlot(requestId, 0n, new Uint8Array()), new InvalidProof({ slotId: slot }))
        assert.strictEqual(yield* host.slotState(slot), "Free")
        assert.deepStrictEqual(yield* host.mySlots, [])
      }),
    )

    it.effect("a slot that was freed can be filled in the next period, in this one not: Proof already submitted", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const other = yield* newHost
        yield* host.freeSlot(slot)
        yield* failsWith(other.fillSlot(requestId, 0n, proof), new ProofAlreadySubmitted({ slotId: slot }))
        yield* enterNextPeriod(host)
        yield* other.fillSlot(requestId, 0n, proof)
        assert.deepStrictEqual(yield* host.getHost(slot), Option.some(other.account))
      }),
    )

    it.effect("the checks of fillSlot come in order: request, index, slot, collateral, proof", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { requestId, slot } = yield* filled()
        const poor = yield* bed.newMarket(0n)
        const none = new Uint8Array()
        yield* failsWith(poor.fillSlot(requestId, 5n, none), new InvalidSlot({ requestId, slotIndex: 5n }))
        yield* failsWith(poor.fillSlot(requestId, 0n, none), new SlotNotFree({ slotId: slot }))
        yield* failsWith(poor.fillSlot(requestId, 1n, none), new InsufficientCollateral({ account: poor.account }))
      }),
    )

    it.effect("filling the last free slot of a started request tells of RequestFulfilled again", () =>
      Effect.gen(function* () {
        const { host, lastSlot, requestId } = yield* started()
        yield* host.freeSlot(lastSlot)
        yield* enterNextPeriod(host)
        const from = yield* nextBlock
        yield* host.fillSlot(requestId, 1n, proof)
        assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [
          { _tag: "SlotFilled", requestId, slotIndex: 1n, slotId: lastSlot },
          { _tag: "RequestFulfilled", requestId },
        ])
      }),
    )

    it.effect("of a slot that nobody filled, the views say Free and nothing more", () =>
      Effect.gen(function* () {
        const { client, requestId } = yield* submitted()
        for (const slot of [slotId(requestId, 0n), yield* strangeId]) {
          assert.strictEqual(yield* client.slotState(slot), "Free")
          assert.isTrue(Option.isNone(yield* client.getHost(slot)))
          assert.isTrue(Option.isNone(yield* client.getActiveSlot(slot)))
          assert.strictEqual(yield* client.missingProofs(slot), 0n)
        }
      }),
    )
  })
