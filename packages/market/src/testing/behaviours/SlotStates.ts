import { assert, describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect, Exit, Option } from "effect"
import { AlreadyPaid, SlotFilledByOtherHost, SlotIsFree, SlotNotFree } from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { enterNextPeriod, failsWith, filled, type It, newHost, proof, started, submitted } from "../Scenario.ts"

/** The life of a slot, row by row (contract interface, section 3), and leaving it (2.4, 2.5). */
export const slotStates = (it: It) =>
  describe("the states of a slot", () => {
    it.effect(
      "Free becomes Filled by fillSlot, and Free again when its host leaves: for no money, with SlotFreed",
      () =>
        Effect.gen(function* () {
          const { host, requestId, slot } = yield* filled()
          assert.strictEqual(yield* host.slotState(slot), "Filled")
          const from = yield* nextBlock
          yield* host.freeSlot(slot)
          assert.strictEqual(yield* host.slotState(slot), "Free")
          assert.isTrue(Option.isNone(yield* host.getHost(slot)))
          assert.isTrue(Option.isNone(yield* host.getActiveSlot(slot)))
          assert.deepStrictEqual(yield* host.mySlots, [])
          assert.strictEqual(yield* host.tokens(host.account), 0n)
          assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [
            { _tag: "SlotFreed", requestId, slotId: slot },
          ])
        }),
    )

    it.effect("Filled becomes Free when it is taken from its host", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, requestId, slot } = yield* filled()
        const from = yield* nextBlock
        yield* bed.forciblyFreeSlot(slot)
        assert.strictEqual(yield* host.slotState(slot), "Free")
        assert.deepStrictEqual(yield* host.mySlots, [])
        assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [
          { _tag: "SlotFreed", requestId, slotId: slot },
        ])
      }),
    )

    it.effect("freeSlot of a slot that nobody has fails: Slot is free", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const never = slotId(requestId, 1n)
        yield* failsWith(host.freeSlot(never), new SlotIsFree({ slotId: never }))
        yield* host.freeSlot(slot)
        yield* failsWith(host.freeSlot(slot), new SlotIsFree({ slotId: slot }))
      }),
    )

    it.effect("freeSlot of another host's slot fails: Slot filled by other host", () =>
      Effect.gen(function* () {
        const { client, slot } = yield* filled()
        const other = yield* newHost
        yield* failsWith(other.freeSlot(slot), new SlotFilledByOtherHost({ slotId: slot }))
        yield* failsWith(client.freeSlot(slot), new SlotFilledByOtherHost({ slotId: slot }))
        assert.strictEqual(yield* other.slotState(slot), "Filled")
      }),
    )

    it.effect("a slot that was freed can be filled anew, and only its new host can leave it", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        yield* host.freeSlot(slot)
        yield* enterNextPeriod(host)
        const next = yield* newHost
        yield* next.fillSlot(requestId, 0n, proof)
        yield* failsWith(host.freeSlot(slot), new SlotFilledByOtherHost({ slotId: slot }))
        assert.deepStrictEqual(yield* next.mySlots, [slot])
      }),
    )

    it.effect("Filled becomes Finished when its request is cancelled; the host still holds it", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, host, request, requestId, slot } = yield* filled()
        yield* bed.advanceTo(request.expiry)
        assert.strictEqual(yield* host.slotState(slot), "Filled")
        yield* bed.advanceTo(request.expiry + 1n)
        assert.strictEqual(yield* host.slotState(slot), "Finished")
        assert.deepStrictEqual(yield* host.mySlots, [slot])
        yield* client.withdrawFunds(requestId)
        assert.strictEqual(yield* host.slotState(slot), "Finished")
      }),
    )

    it.effect("Filled becomes Finished when its request is finished, strictly after its end", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, request, requestId, slot } = yield* started()
        const end = yield* host.requestEnd(requestId)
        yield* bed.advanceTo(end)
        assert.strictEqual(yield* host.slotState(slot), "Filled")
        yield* bed.advanceTo(end + 1n)
        assert.strictEqual(yield* host.slotState(slot), "Finished")
        assert.deepStrictEqual(yield* host.getHost(slot), Option.some(host.account))
        assert.deepStrictEqual(yield* host.getActiveSlot(slot), Option.some({ request, slotIndex: 0n }))
      }),
    )

    it.effect("Filled becomes Failed when its request fails, and Paid by freeSlot, without an event", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, lastSlot, request, requestId, slot } = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(slot)
        assert.strictEqual(yield* host.slotState(lastSlot), "Failed")
        const from = yield* nextBlock
        yield* host.freeSlot(lastSlot)
        assert.deepStrictEqual(yield* host.mySlots, [])
        assert.strictEqual(yield* host.slotState(lastSlot), "Paid")
        assert.deepStrictEqual(yield* host.getHost(lastSlot), Option.some(host.account))
        assert.deepStrictEqual(yield* host.getActiveSlot(lastSlot), Option.some({ request, slotIndex: 1n }))
        assert.deepStrictEqual(yield* eventsSince(from, requestId), [])
        yield* failsWith(host.freeSlot(lastSlot), new AlreadyPaid({ slotId: lastSlot }))
        yield* host.withdraw
      }),
    )

    it.effect("only a filled slot can be taken from its host: Slot is not filled", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const cancelled = yield* filled()
        yield* bed.advanceTo(cancelled.request.expiry + 1n)
        const finished = yield* started()
        yield* bed.advanceTo((yield* finished.host.requestEnd(finished.requestId)) + 1n)
        const paid = yield* started()
        yield* bed.advanceTo((yield* paid.host.requestEnd(paid.requestId)) + 1n)
        yield* paid.host.freeSlot(paid.slot)
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.lastSlot)
        const free = failed.lastSlot
        for (const slot of [free, cancelled.slot, finished.slot, paid.slot, failed.slot]) {
          const state = yield* failed.host.slotState(slot)
          assert.isTrue(Exit.isFailure(yield* Effect.exit(bed.forciblyFreeSlot(slot))), state)
          assert.strictEqual(yield* failed.host.slotState(slot), state)
        }
      }),
    )

    it.effect(
      "Finished becomes Paid by freeSlot: the whole price of the slot, however late it was filled before the start",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { client, pricePerSlot, request, requestId } = yield* submitted()
          const [early, late] = [yield* newHost, yield* newHost]
          yield* early.fillSlot(requestId, 0n, proof)
          yield* bed.advanceTo(request.expiry)
          yield* late.fillSlot(requestId, 1n, proof)
          yield* bed.advanceTo((yield* client.requestEnd(requestId)) + 1n)
          const pool = yield* client.tokens(bed.contract)
          for (const [index, host] of [early, late].entries()) {
            const slot = slotId(requestId, BigInt(index))
            yield* host.freeSlot(slot)
            assert.strictEqual(yield* host.tokens(host.account), pricePerSlot)
            assert.strictEqual(yield* host.slotState(slot), "Paid")
            assert.deepStrictEqual(yield* host.mySlots, [])
          }
          assert.strictEqual(yield* client.tokens(bed.contract), pool - 2n * pricePerSlot)
        }),
    )

    it.effect("a slot is paid once: Already paid", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, pricePerSlot, requestId, slot } = yield* started()
        yield* bed.advanceTo((yield* host.requestEnd(requestId)) + 1n)
        yield* host.freeSlot(slot)
        yield* failsWith(host.freeSlot(slot), new AlreadyPaid({ slotId: slot }))
        const other = yield* newHost
        yield* failsWith(other.freeSlot(slot), new SlotFilledByOtherHost({ slotId: slot }))
        assert.strictEqual(yield* host.tokens(host.account), pricePerSlot)
      }),
    )

    it.effect("a paid slot cannot be filled: Slot is not free; the views still tell of its host and request", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, request, requestId, slot } = yield* started()
        yield* bed.advanceTo((yield* host.requestEnd(requestId)) + 1n)
        yield* host.freeSlot(slot)
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
        assert.deepStrictEqual(yield* host.getHost(slot), Option.some(host.account))
        assert.deepStrictEqual(yield* host.getActiveSlot(slot), Option.some({ request, slotIndex: 0n }))
      }),
    )

    it.effect("a host that was paid for all of its slots gets its collateral back", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, price, requestId, slots } = yield* started()
        yield* bed.advanceTo((yield* host.requestEnd(requestId)) + 1n)
        for (const slot of slots) yield* host.freeSlot(slot)
        yield* host.withdraw
        const { initialAmount } = (yield* host.config).collateral
        assert.strictEqual(yield* host.tokens(host.account), price + initialAmount)
      }),
    )
  })
