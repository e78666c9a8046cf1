import { assert, describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { Market } from "../../Market.ts"
import { MarketBed } from "../MarketBed.ts"
import { filled, type It, newHost, newSpender, slashOnce, started, submitted } from "../Scenario.ts"
import { halfEmpty, refilled } from "./Payouts.ts"

type MarketOf = Market["Service"]

/** Takes all that the contract owes to an account: as a host, as a client whose hosts were paid, as the owner of collateral. */
const collectAll = Effect.fnUntraced(function* (market: MarketOf) {
  for (const slot of yield* market.mySlots) yield* market.freeSlot(slot)
  for (const requestId of yield* market.myRequests) yield* market.withdrawFunds(requestId)
  yield* market.withdraw
})

const slotOf = (scene: { readonly requestId: Parameters<typeof slotId>[0] }, index: bigint) =>
  slotId(scene.requestId, index)

/** No token appears or vanishes, and the contract can pay whatever it owes (contract interface, sections 2 and 6). */
export const money = (it: It) =>
  describe("money", () => {
    it.effect("wallets and contract together hold the same at every step of a request's life", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { client, earned, host, lastSlot, late, price, pricePerSlot, requestId, slot } = yield* refilled
        const { initialAmount } = (yield* client.config).collateral
        const holders = [client.account, host.account, late.account, bed.contract]
        const total = Effect.map(Effect.forEach(holders, client.tokens), (held) => held.reduce((a, b) => a + b, 0n))
        const before = yield* total
        const steps = [
          slashOnce(client, slot),
          Effect.flatMap(client.requestEnd(requestId), (end) => bed.advanceTo(end + 1n)),
          host.freeSlot(slot),
          client.withdrawFunds(requestId),
          late.freeSlot(lastSlot),
          host.withdraw,
          late.withdraw,
          client.withdraw,
        ]
        for (const step of steps) {
          yield* step
          assert.strictEqual(yield* total, before)
        }
        const { collateral } = yield* client.config
        const slashed = (initialAmount * collateral.slashPercentage) / 100n
        const reward = (slashed * (yield* client.options).markerPercentage) / 100n
        assert.strictEqual(yield* client.tokens(host.account), pricePerSlot + initialAmount - slashed)
        assert.strictEqual(yield* client.tokens(late.account), earned + initialAmount)
        assert.strictEqual(yield* client.tokens(client.account), price - pricePerSlot - earned + reward)
      }),
    )

    it.effect(
      "the contract covers all it owes: when everybody has collected, it keeps what was slashed for the treasury, and no more",
      () =>
        Effect.gen(function* () {
          const bed = yield* MarketBed
          const marker = yield* newSpender(0n)
          const pool = yield* marker.tokens(bed.contract)
          const cancelled = yield* filled()
          const unfilled = yield* submitted()
          const born = yield* submitted({ expiry: 0n })
          const failed = yield* started({ maxSlotLoss: 0n })
          yield* failed.host.freeSlot(failed.lastSlot)
          const empty = yield* halfEmpty
          const late = yield* refilled
          const slashed = yield* started()
          yield* slashOnce(marker, slotOf(slashed, 0n))
          const scenes = [cancelled, unfilled, born, failed, empty, late, slashed]
          yield* bed.advanceTo((yield* bed.now) + 20_001n)
          const idle = yield* newHost
          const hosts = [cancelled, failed, empty, late, slashed].map(({ host }) => host)
          for (const market of [late.late, ...hosts, ...scenes.map(({ client }) => client), marker, idle]) {
            yield* collectAll(market)
          }
          for (const { client, requestId } of scenes) {
            assert.isTrue(Option.isSome(yield* client.requestState(requestId)))
            assert.deepStrictEqual(yield* client.myRequests, [])
          }
          const { initialAmount, slashPercentage } = (yield* marker.config).collateral
          const lost = (initialAmount * slashPercentage) / 100n
          const reward = yield* marker.tokens(marker.account)
          assert.isTrue(lost > reward)
          assert.strictEqual(yield* marker.tokens(bed.contract), pool + lost - reward)
        }),
    )
  })
