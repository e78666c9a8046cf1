import { assert, describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { MarketBed } from "../MarketBed.ts"
import { enterNextPeriod, type It, newHost, proof, slashOnce, submitted } from "../Scenario.ts"

/** No token appears or vanishes (contract interface, sections 2 and 6). */
export const money = (it: It) =>
  describe("money", () => {
    it.effect("wallets and contract together hold the same at every step of a request's life", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const first = yield* newHost
        const second = yield* newHost
        const { client, price, pricePerSlot, requestId } = yield* submitted({ maxSlotLoss: 2n })
        const { initialAmount } = (yield* client.config).collateral
        const holders = [client.account, first.account, second.account, bed.contract]
        const total = Effect.map(Effect.forEach(holders, client.tokens), (held) => held.reduce((a, b) => a + b, 0n))
        const before = yield* total
        yield* first.fillSlot(requestId, 0n, proof)
        yield* second.fillSlot(requestId, 1n, proof)
        assert.strictEqual(yield* total, before)
        yield* slashOnce(client, slotId(requestId, 0n))
        assert.strictEqual(yield* total, before)
        const slashed = initialAmount - (yield* first.collateral(first.account))
        yield* second.freeSlot(slotId(requestId, 1n))
        assert.strictEqual(yield* total, before)
        yield* enterNextPeriod(client)
        yield* second.fillSlot(requestId, 1n, proof)
        yield* bed.advanceTo((yield* client.requestEnd(requestId)) + 1n)
        for (const host of [first, second]) {
          for (const slot of yield* host.mySlots) yield* host.freeSlot(slot)
          assert.strictEqual(yield* total, before)
          yield* host.withdraw
          assert.strictEqual(yield* total, before)
        }
        assert.strictEqual(price, 2n * pricePerSlot)
        assert.strictEqual(yield* client.tokens(client.account), 0n)
        assert.strictEqual(yield* client.tokens(first.account), pricePerSlot + initialAmount - slashed)
        assert.strictEqual(yield* client.tokens(second.account), pricePerSlot + initialAmount)
      }),
    )
  })
