import { assert, describe } from "@effect/vitest"
import { Effect, Option } from "effect"
import { AccountLocked, InsufficientAllowance, InsufficientBalance, InsufficientCollateral } from "../../MarketError.ts"
import { concerns, eventsSince, nextBlock, what } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import {
  failsWith,
  filled,
  type It,
  missProof,
  newHost,
  newSpender,
  proof,
  slashOnce,
  started,
  submitted,
} from "../Scenario.ts"

/** Tokens and collateral (contract interface, section 2.1, and slashing in 2.7). */
export const collateral = (it: It) =>
  describe("collateral", () => {
    it.effect("deposit moves approved tokens from the wallet into the collateral", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const market = yield* bed.newMarket(100n)
        const pool = yield* market.tokens(bed.contract)
        yield* market.approveFunds(80n)
        yield* market.deposit(30n)
        yield* market.deposit(50n)
        assert.strictEqual(yield* market.collateral(market.account), 80n)
        assert.strictEqual(yield* market.tokens(market.account), 20n)
        assert.strictEqual(yield* market.tokens(bed.contract), pool + 80n)
      }),
    )

    it.effect("deposit of more than was approved fails: ERC20: insufficient allowance", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const market = yield* bed.newMarket(100n)
        yield* market.approveFunds(49n)
        yield* failsWith(market.deposit(50n), new InsufficientAllowance({ account: market.account }))
        assert.strictEqual(yield* market.collateral(market.account), 0n)
      }),
    )

    it.effect("deposit of more than the wallet holds fails: ERC20: transfer amount exceeds balance", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const market = yield* bed.newMarket(49n)
        yield* market.approveFunds(50n)
        yield* failsWith(market.deposit(50n), new InsufficientBalance({ account: market.account }))
        assert.strictEqual(yield* market.tokens(market.account), 49n)
      }),
    )

    it.effect("approveFunds adds to what is approved, also when several calls run at once", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const market = yield* bed.newMarket(100n)
        yield* Effect.all([10n, 20n, 30n].map(market.approveFunds), { concurrency: "unbounded" })
        yield* failsWith(market.deposit(61n), new InsufficientAllowance({ account: market.account }))
        yield* market.deposit(40n)
        yield* market.approveFunds(5n)
        yield* market.deposit(25n)
        yield* failsWith(market.deposit(1n), new InsufficientAllowance({ account: market.account }))
      }),
    )

    it.effect("writes of one account take effect in the order in which they were called", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const market = yield* bed.newMarket(30n)
        yield* Effect.all(
          [
            market.approveFunds(10n),
            market.deposit(10n),
            market.approveFunds(20n),
            market.deposit(20n),
            market.withdraw,
          ],
          { concurrency: "unbounded" },
        )
        assert.strictEqual(yield* market.collateral(market.account), 0n)
        assert.strictEqual(yield* market.tokens(market.account), 30n)
      }),
    )

    it.effect("a write that failed does not hold up the writes behind it", () =>
      Effect.gen(function* () {
        const market = yield* newSpender(10n)
        const results = yield* Effect.all(
          [market.deposit(11n), market.deposit(4n), market.deposit(6n)].map(Effect.exit),
          {
            concurrency: "unbounded",
          },
        )
        assert.deepStrictEqual(
          results.map(({ _tag }) => _tag),
          ["Failure", "Success", "Success"],
        )
      }),
    )

    it.effect("withdraw gives the whole collateral back, and nothing is fine too", () =>
      Effect.gen(function* () {
        const market = yield* newSpender(70n)
        yield* market.deposit(70n)
        yield* market.withdraw
        assert.strictEqual(yield* market.collateral(market.account), 0n)
        assert.strictEqual(yield* market.tokens(market.account), 70n)
        yield* market.withdraw
        assert.strictEqual(yield* market.tokens(market.account), 70n)
      }),
    )

    it.effect("withdraw while the account holds a slot fails: Account locked", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        yield* failsWith(host.withdraw, new AccountLocked({ account: host.account }))
        yield* host.freeSlot(slot)
        yield* host.withdraw
        assert.strictEqual(yield* host.collateral(host.account), 0n)
      }),
    )

    it.effect("deposit of more than collateral can hold (2^128 - 1 for an account) is refused: Amount too large", () =>
      Effect.gen(function* () {
        const most = 2n ** 128n - 1n
        const market = yield* newSpender(most + 1n)
        const refused = (amount: bigint) =>
          Effect.map(Effect.flip(market.deposit(amount)), (error) => {
            assert.strictEqual(error._tag, "ChainError")
            assert.include(error.message, "Amount too large")
          })
        yield* refused(most + 1n)
        yield* refused(2n ** 256n - 1n)
        yield* market.deposit(most)
        yield* refused(1n)
        yield* market.withdraw
        assert.strictEqual(yield* market.tokens(market.account), most + 1n)
      }),
    )

    it.effect("the part of slashed collateral that a marker got can be withdrawn", () =>
      Effect.gen(function* () {
        const { slot } = yield* started({ reward: 0n })
        const marker = yield* newSpender(0n)
        yield* slashOnce(marker, slot)
        const reward = yield* marker.collateral(marker.account)
        assert.isTrue(reward > 0n)
        yield* marker.withdraw
        assert.strictEqual(yield* marker.tokens(marker.account), reward)
      }),
    )

    it.effect("one deposit backs any number of slots, unless the market has it otherwise", () =>
      Effect.gen(function* () {
        const { host, slots } = yield* started({ slots: 3n })
        assert.sameMembers(Array.from(yield* host.mySlots), slots)
        const { collateral } = yield* host.config
        assert.strictEqual(yield* host.collateral(host.account), collateral.initialAmount)
      }),
    )

    it.effect("every so many missed proofs cost a percentage of the collateral, rounded down; no tokens move", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { host, slot } = yield* started({ reward: 0n })
        const validator = yield* bed.newMarket(0n)
        const { initialAmount, slashCriterion, slashPercentage } = (yield* host.config).collateral
        const pool = yield* host.tokens(bed.contract)
        for (let i = 1n; i < slashCriterion; i++) {
          yield* validator.markProofAsMissing(slot, yield* missProof(host, slot))
          assert.strictEqual(yield* host.collateral(host.account), initialAmount)
        }
        yield* validator.markProofAsMissing(slot, yield* missProof(host, slot))
        const once = initialAmount - (initialAmount * slashPercentage) / 100n
        assert.strictEqual(yield* host.collateral(host.account), once)
        yield* slashOnce(validator, slot)
        const twice = once - (once * slashPercentage) / 100n
        assert.strictEqual(yield* host.collateral(host.account), twice)
        assert.strictEqual(yield* host.tokens(bed.contract), pool)
        assert.strictEqual(yield* validator.tokens(validator.account), 0n)
      }),
    )

    it.effect("a host with too little collateral left cannot fill a slot: Insufficient collateral", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* started({ reward: 0n })
        yield* slashOnce(host, slot)
        const { requestId } = yield* submitted({ reward: 0n })
        const { account } = host
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new InsufficientCollateral({ account }))
      }),
    )

    it.effect("a host whose collateral was slashed below the minimum loses that slot and no other", () =>
      Effect.gen(function* () {
        const { host, lastSlot, requestId, slot } = yield* started({ reward: 0n })
        const { minimumAmount } = (yield* host.config).collateral
        const from = yield* nextBlock
        while ((yield* host.collateral(host.account)) >= minimumAmount) yield* slashOnce(host, slot)
        assert.strictEqual(yield* host.slotState(slot), "Free")
        assert.isTrue(Option.isNone(yield* host.getHost(slot)))
        assert.deepStrictEqual(yield* host.mySlots, [lastSlot])
        assert.strictEqual(yield* host.slotState(lastSlot), "Filled")
        const events = yield* eventsSince(from, requestId)
        assert.deepStrictEqual(events.map(what), [{ _tag: "SlotFreed", requestId, slotId: slot }])
        assert.isTrue(events.every(concerns(requestId)))
      }),
    )

    it.effect("a host that leaves a slot loses no collateral", () =>
      Effect.gen(function* () {
        const { host, slot } = yield* filled()
        const { initialAmount } = (yield* host.config).collateral
        yield* host.freeSlot(slot)
        assert.strictEqual(yield* host.collateral(host.account), initialAmount)
      }),
    )

    it.effect("anyone can read the collateral and the tokens of anyone", () =>
      Effect.gen(function* () {
        const host = yield* newHost
        const reader = yield* newSpender(1n)
        const { initialAmount } = (yield* host.config).collateral
        assert.strictEqual(yield* reader.collateral(host.account), initialAmount)
        assert.strictEqual(yield* host.tokens(reader.account), 1n)
        assert.strictEqual(yield* host.collateral(reader.account), 0n)
      }),
    )
  })
