import { assert, describe } from "@effect/vitest"
import { StorageRequest, slotId, zeroAddress } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { Market } from "../../Market.ts"
import { RequestRefused, SlotFilledByOtherHost, SlotIsFree } from "../../MarketError.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  enterNextPeriod,
  failsWith,
  filled,
  type It,
  missProof,
  movePointer,
  newHost,
  newRequest,
  newSpender,
  proof,
  slashOnce,
  submitted,
  thisPeriod,
} from "../Scenario.ts"
import { halfEmpty, refilled } from "./Payouts.ts"

type MarketOf = Market["Service"]

/** The six orders in which two hosts and a client can come. */
const orders = ["abc", "acb", "bac", "bca", "cab", "cba"].map((order) => Array.from(order))

/** Each takes its part of a request that is over, in the given order. Answers what they have then: the hosts, the client. */
const collect = Effect.fnUntraced(function* (
  order: ReadonlyArray<string>,
  scene: Pick<Effect.Success<ReturnType<typeof submitted>>, "client" | "requestId">,
  hosts: readonly [MarketOf, MarketOf],
) {
  const { client, requestId } = scene
  for (const who of order) {
    if (who === "a") yield* hosts[0].freeSlot(slotId(requestId, 0n))
    if (who === "b") yield* hosts[1].freeSlot(slotId(requestId, 1n))
    if (who === "c") yield* client.withdrawFunds(requestId)
  }
  return yield* Effect.forEach([...hosts, client], (market) => market.tokens(market.account))
})

/** Whoever marks the miss gets a part of what is slashed, unless it is the host itself, and the treasury the rest; without one it is burnt. */
export const slashedHasOwner = Effect.gen(function* () {
  const bed = yield* MarketBed
  for (const isItself of [false, true]) {
    const { host, slot } = yield* filled({ reward: 0n })
    const marker = isItself ? host : yield* newSpender(0n)
    const { initialAmount, slashPercentage } = (yield* host.config).collateral
    const { markerPercentage, treasury } = yield* host.options
    const owned = yield* host.collateral(treasury)
    const pool = yield* host.tokens(bed.contract)
    yield* slashOnce(marker, slot)
    const slashed = (initialAmount * slashPercentage) / 100n
    const reward = isItself ? 0n : (slashed * markerPercentage) / 100n
    assert.strictEqual(yield* host.collateral(host.account), initialAmount - slashed)
    assert.strictEqual(yield* host.collateral(marker.account), isItself ? initialAmount - slashed : reward)
    const rest = treasury === zeroAddress ? 0n : slashed - reward
    assert.strictEqual(yield* host.collateral(treasury), owned + rest)
    assert.strictEqual(yield* host.tokens(bed.contract), pool)
  }
})

/** Section 6 of the contract interface: what must not be possible. Hole 4: see WithOptions.ts. */
export const holes = (it: It) =>
  describe("holes", () => {
    it.effect(
      "hole 1, cancelled payout: hosts earn until the expiry and the client gets exactly the rest, in any order",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          for (const order of orders) {
            const scene = yield* submitted({ slots: 3n })
            const { price, request, requestId } = scene
            const hosts = [yield* newHost, yield* newHost] as const
            yield* bed.advanceTo(request.expiry - 400n)
            yield* hosts[0].fillSlot(requestId, 0n, proof)
            yield* bed.advanceTo(request.expiry - 30n)
            yield* hosts[1].fillSlot(requestId, 1n, proof)
            yield* bed.advanceTo(request.expiry + 1n)
            const pool = yield* hosts[0].tokens(bed.contract)
            assert.deepStrictEqual(yield* collect(order, scene, hosts), [1_200n, 90n, price - 1_290n], order.join(""))
            assert.strictEqual(yield* hosts[0].tokens(bed.contract), pool - price)
            assert.deepStrictEqual(yield* scene.client.requestState(requestId), Option.some("Cancelled"))
          }
        }),
    )

    it.effect(
      "hole 2, failed request: hosts earn until it failed and the client gets exactly the rest, in any order",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          for (const order of orders) {
            const scene = yield* submitted({ slots: 3n, maxSlotLoss: 0n })
            const { price, requestId } = scene
            const hosts = [yield* newHost, yield* newHost] as const
            yield* hosts[0].fillSlot(requestId, 0n, proof)
            yield* bed.advanceTo((yield* bed.now) + 100n)
            yield* hosts[1].fillSlot(requestId, 1n, proof)
            yield* hosts[1].fillSlot(requestId, 2n, proof)
            yield* bed.advanceTo((yield* bed.now) + 12_000n)
            yield* bed.forciblyFreeSlot(slotId(requestId, 2n))
            const pool = yield* hosts[0].tokens(bed.contract)
            const rest = price - 36_300n - 36_000n
            assert.deepStrictEqual(yield* collect(order, scene, hosts), [36_300n, 36_000n, rest], order.join(""))
            assert.strictEqual(yield* hosts[0].tokens(bed.contract), pool - price)
          }
        }),
    )

    it.effect("hole 2, finished request: what empty and refilled slots did not store goes back, in any order", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        for (const order of orders) {
          const scene = yield* refilled
          const { earned, host, late, price, pricePerSlot } = scene
          yield* bed.advanceTo((yield* late.requestEnd(scene.requestId)) + 1n)
          const pool = yield* host.tokens(bed.contract)
          const rest = pricePerSlot - earned
          assert.isTrue(rest > 0n)
          assert.deepStrictEqual(
            yield* collect(order, scene, [host, late]),
            [pricePerSlot, earned, rest],
            order.join(""),
          )
          assert.strictEqual(yield* host.tokens(bed.contract), pool - price)
        }
        const { client, pricePerSlot, requestId } = yield* halfEmpty
        yield* bed.advanceTo((yield* client.requestEnd(requestId)) + 1n)
        yield* client.withdrawFunds(requestId)
        assert.strictEqual(yield* client.tokens(client.account), pricePerSlot)
      }),
    )

    it.effect("hole 3, slashed collateral has an owner: who marks the miss, and the treasury", () => slashedHasOwner)

    it.effect("hole 5, the missed count starts anew with a new host", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const { initialAmount, slashCriterion } = (yield* host.config).collateral
        for (let i = 1n; i < slashCriterion; i++) yield* host.markProofAsMissing(slot, yield* missProof(host, slot))
        yield* host.freeSlot(slot)
        assert.strictEqual(yield* host.missingProofs(slot), slashCriterion - 1n)
        yield* enterNextPeriod(host)
        const next = yield* newHost
        yield* next.fillSlot(requestId, 0n, proof)
        assert.strictEqual(yield* next.missingProofs(slot), 0n)
        yield* host.markProofAsMissing(slot, yield* missProof(next, slot))
        assert.strictEqual(yield* next.missingProofs(slot), 1n)
        assert.strictEqual(yield* next.collateral(next.account), initialAmount)
      }),
    )

    it.effect("hole 6, only a slot's host proves it: a stranger can neither cover for it nor block a free slot", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const stranger = yield* newHost
        const free = slotId(requestId, 1n)
        yield* failsWith(stranger.submitProof(free, proof), new SlotIsFree({ slotId: free }))
        yield* host.fillSlot(requestId, 1n, proof)
        yield* enterNextPeriod(host)
        yield* failsWith(stranger.submitProof(slot, proof), new SlotFilledByOtherHost({ slotId: slot }))
        yield* host.submitProof(slot, proof)
        yield* stranger.markProofAsMissing(slot, yield* missProof(host, slot))
      }),
    )

    it.effect("hole 7, the expiry lies before the end: Invalid expiry, so that nothing starts after its end", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const client = yield* newSpender(120_000n)
        const end = (yield* bed.now) + 20_000n
        for (const expiry of [end, end + 1n]) {
          const request = yield* newRequest(client.account, { expiry })
          const requestId = StorageRequest.id(request)
          yield* failsWith(client.requestStorage(request), new RequestRefused({ requestId, reason: "Invalid expiry" }))
        }
        yield* client.requestStorage(yield* newRequest(client.account, { expiry: end - 1n }))
      }),
    )

    it.effect(
      "hole 8, the pointer leaves the downtime at any rate of blocks, and cannot stay in it period by period",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const { host, slot } = yield* filled({ duration: 100_000n })
          const { downtime } = (yield* host.config).proofs
          yield* movePointer(slot, (yield* thisPeriod(host)).period, downtime / 2n)
          const inDowntime = Effect.map(host.getPointer(slot), (pointer) => pointer < downtime)
          assert.isTrue(yield* inDowntime)
          let periods = 0
          for (; periods < 100 && (yield* inDowntime); periods++) {
            // 255 blocks a period, with which block + period + id would stay where it is
            yield* enterNextPeriod(host)
            yield* bed.advanceBlocks(254n)
          }
          assert.isBelow(periods, 100)
          assert.isTrue(yield* host.isProofRequired(slot))
        }),
    )
  })
