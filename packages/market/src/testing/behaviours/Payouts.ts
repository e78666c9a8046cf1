import { assert, describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { InvalidState, RequestNotTimedOut } from "../../MarketError.ts"
import { eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { enterNextPeriod, failsWith, filled, type It, newHost, proof, started, submitted } from "../Scenario.ts"

/** A started request whose second slot was left and is filled anew in the next period, so that it does not earn the whole price. */
export const refilled = Effect.gen(function* () {
  const bed = yield* MarketBed
  const scene = yield* started()
  yield* scene.host.freeSlot(scene.lastSlot)
  yield* enterNextPeriod(scene.host)
  const late = yield* newHost
  yield* late.fillSlot(scene.requestId, 1n, proof)
  const { reward } = scene.request.ask
  return { ...scene, late, earned: reward * ((yield* late.requestEnd(scene.requestId)) - (yield* bed.now)) }
})

/** A started request that finishes with its second slot empty. */
export const halfEmpty = Effect.gen(function* () {
  const scene = yield* started()
  yield* scene.host.freeSlot(scene.lastSlot)
  return scene
})

/** What hosts are paid, and what clients get back (contract interface, sections 2.4 and 2.8, without the holes 1 and 2). */
export const payouts = (it: It) =>
  describe("payouts", () => {
    it.effect("a slot that was filled after the start earns reward x (end - its filling)", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { earned, host, late, lastSlot, pricePerSlot, requestId, slot } = yield* refilled
        yield* bed.advanceTo((yield* late.requestEnd(requestId)) + 1n)
        yield* late.freeSlot(lastSlot)
        assert.strictEqual(yield* late.tokens(late.account), earned)
        yield* host.freeSlot(slot)
        assert.strictEqual(yield* host.tokens(host.account), pricePerSlot)
      }),
    )

    it.effect("a slot that was left and filled anew, both before the start, earns the whole price of the slot", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, pricePerSlot, requestId, slot } = yield* filled()
        yield* host.freeSlot(slot)
        yield* enterNextPeriod(host)
        const next = yield* newHost
        yield* next.fillSlot(requestId, 0n, proof)
        yield* host.fillSlot(requestId, 1n, proof)
        yield* bed.advanceTo((yield* next.requestEnd(requestId)) + 1n)
        yield* next.freeSlot(slot)
        assert.strictEqual(yield* next.tokens(next.account), pricePerSlot)
      }),
    )

    it.effect("a slot of a cancelled request earns reward x (expiry - its filling), which may be nothing", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { request, requestId } = yield* submitted({ slots: 3n })
        const [first, second] = [yield* newHost, yield* newHost]
        yield* bed.advanceTo(request.expiry - 7n)
        yield* first.fillSlot(requestId, 0n, proof)
        yield* bed.advanceTo(request.expiry)
        yield* second.fillSlot(requestId, 1n, proof)
        yield* bed.advanceTo(request.expiry + 5_000n)
        yield* first.freeSlot(slotId(requestId, 0n))
        assert.strictEqual(yield* first.tokens(first.account), 7n * request.ask.reward)
        yield* second.freeSlot(slotId(requestId, 1n))
        assert.strictEqual(yield* second.tokens(second.account), 0n)
        assert.strictEqual(yield* second.slotState(slotId(requestId, 1n)), "Paid")
      }),
    )

    it.effect(
      "a slot of a failed request earns reward x (failing - its filling), and who made it fail earns nothing",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { request, requestId } = yield* submitted({ maxSlotLoss: 0n })
          const [stays, leaves] = [yield* newHost, yield* newHost]
          yield* stays.fillSlot(requestId, 0n, proof)
          yield* leaves.fillSlot(requestId, 1n, proof)
          yield* bed.advanceTo((yield* bed.now) + 19_000n)
          yield* leaves.freeSlot(slotId(requestId, 1n))
          yield* bed.advanceTo((yield* bed.now) + 50_000n)
          yield* stays.freeSlot(slotId(requestId, 0n))
          assert.strictEqual(yield* stays.tokens(stays.account), 19_000n * request.ask.reward)
          assert.strictEqual(yield* leaves.tokens(leaves.account), 0n)
        }),
    )

    it.effect(
      "withdrawFunds of a finished request gives back the price of empty slots, and what refilled ones did not store",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const empty = yield* halfEmpty
          const late = yield* refilled
          yield* bed.advanceTo((yield* late.client.requestEnd(late.requestId)) + 1n)
          yield* empty.client.withdrawFunds(empty.requestId)
          assert.strictEqual(yield* empty.client.tokens(empty.client.account), empty.pricePerSlot)
          yield* late.client.withdrawFunds(late.requestId)
          assert.strictEqual(yield* late.client.tokens(late.client.account), late.pricePerSlot - late.earned)
        }),
    )

    it.effect("withdrawFunds of a failed request fails up to its expiry: Request not yet timed out", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, price, request, requestId, slots } = yield* started({ maxSlotLoss: 0n })
        for (const slot of slots.slice(0, 1)) yield* bed.forciblyFreeSlot(slot)
        yield* bed.advanceTo(request.expiry)
        yield* failsWith(client.withdrawFunds(requestId), new RequestNotTimedOut({ requestId }))
        yield* bed.advanceTo(request.expiry + 1n)
        yield* client.withdrawFunds(requestId)
        assert.strictEqual(yield* client.tokens(client.account), price)
      }),
    )

    it.effect("withdrawFunds a second time fails: Invalid state", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const cancelled = yield* filled()
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.slot)
        const finished = yield* halfEmpty
        yield* bed.advanceTo((yield* finished.client.requestEnd(finished.requestId)) + 1n)
        for (const { client, requestId } of [cancelled, failed, finished]) {
          yield* client.withdrawFunds(requestId)
          const tokens = yield* client.tokens(client.account)
          yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
          assert.strictEqual(yield* client.tokens(client.account), tokens)
        }
      }),
    )

    it.effect(
      "withdrawFunds of a finished request of which nothing is left fails: Invalid state, before and after payouts",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { client, host, requestId, slots } = yield* started()
          yield* bed.advanceTo((yield* client.requestEnd(requestId)) + 1n)
          for (const slot of slots) {
            yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
            yield* host.freeSlot(slot)
          }
          yield* failsWith(client.withdrawFunds(requestId), new InvalidState({ requestId }))
        }),
    )

    it.effect("only withdrawFunds of a cancelled request tells of RequestCancelled", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* bed.forciblyFreeSlot(failed.slot)
        const finished = yield* halfEmpty
        const end = yield* finished.client.requestEnd(finished.requestId)
        yield* bed.advanceTo(end + 1n)
        for (const { client, requestId } of [failed, finished]) {
          const state = yield* client.requestState(requestId)
          const from = yield* nextBlock
          yield* client.withdrawFunds(requestId)
          assert.deepStrictEqual((yield* eventsSince(from, requestId)).map(what), [])
          assert.deepStrictEqual(yield* client.requestState(requestId), state)
        }
      }),
    )

    it.effect("a request with something left stays on its client's list through all payouts, until withdrawFunds", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const cancelled = yield* filled()
        const failed = yield* started({ maxSlotLoss: 0n })
        yield* failed.host.freeSlot(failed.lastSlot)
        const finished = yield* halfEmpty
        yield* bed.advanceTo((yield* finished.client.requestEnd(finished.requestId)) + 1n)
        for (const { client, host, requestId, slot } of [cancelled, failed, finished]) {
          yield* host.freeSlot(slot)
          assert.deepStrictEqual(yield* client.myRequests, [requestId])
          yield* client.withdrawFunds(requestId)
          assert.deepStrictEqual(yield* client.myRequests, [])
        }
      }),
    )

    it.effect(
      "a cancelled or failed request that paid nothing stays on its client's list too, until withdrawFunds",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const cancelled = yield* filled({ reward: 0n })
          const failed = yield* started({ reward: 0n, maxSlotLoss: 0n })
          yield* failed.host.freeSlot(failed.lastSlot)
          yield* bed.advanceTo(failed.request.expiry + 1n)
          for (const { client, host, requestId, slot } of [cancelled, failed]) {
            yield* host.freeSlot(slot)
            assert.deepStrictEqual(yield* client.myRequests, [requestId])
            yield* client.withdrawFunds(requestId)
            assert.deepStrictEqual(yield* client.myRequests, [])
          }
        }),
    )
  })
