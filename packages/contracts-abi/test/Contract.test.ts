import { assert, describe, it } from "@effect/vitest"
import { Option, Result } from "effect"
import {
  Address,
  ContractState,
  MarketplaceConfig,
  MarketplaceOptions,
  offerRevertReasons,
  Periodicity,
  RequestState,
  RevertReason,
  revertReasons,
  SlotState,
  StorageAsk,
} from "../src/index.ts"
import { marketplace } from "./judge.ts"
import { sample } from "./vectors.ts"

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

describe("what the contract answers", () => {
  it("its configuration is read", () => {
    const answer = marketplace.encodeFunctionResult("config", MarketplaceConfig.toAbi(config))
    const read = MarketplaceConfig.fromAbi(marketplace.decodeFunctionResult("config", answer))
    assert.deepStrictEqual(Result.getOrThrow(read), config)
  })

  it("another tuple is no configuration", () => {
    const [collateral] = MarketplaceConfig.toAbi(config)
    for (const tuple of [undefined, [], [collateral, [10n, 5n]], [collateral, [10n, 5n, 256n]]]) {
      const error = Result.getOrThrow(Result.flip(MarketplaceConfig.fromAbi(tuple)))
      assert.match(error.message, /^The chain's answer is no MarketplaceConfig: it has other members \(.*\)\.$/)
    }
  })

  it("its options are read", () => {
    const treasury = Address.make(`0x${"ab".repeat(20)}`)
    const options = new MarketplaceOptions({ treasury, markerPercentage: 35n, collateralPerSlot: true })
    const [, ...others] = MarketplaceOptions.toAbi(options)
    const answer = [Address.checksummed(treasury), ...others]
    assert.deepStrictEqual(Result.getOrThrow(MarketplaceOptions.fromAbi(answer)), options)
    assert.deepStrictEqual(MarketplaceOptions.toAbi(options), [treasury, 35n, true])
    for (const tuple of [undefined, [], [treasury, 101n, true], [treasury, 20n, 1n]]) {
      assert.strictEqual(Result.getOrThrow(Result.flip(MarketplaceOptions.fromAbi(tuple))).noun, "MarketplaceOptions")
    }
  })

  it("the ask of an event is read", () => {
    const { data, topics } = marketplace.encodeEventLog("StorageRequested", [
      `0x${"00".repeat(32)}`,
      StorageAsk.toAbi(sample.ask),
    ])
    const event = marketplace.decodeEventLog("StorageRequested", data, topics)
    assert.deepStrictEqual(Result.getOrThrow(StorageAsk.fromAbi(event[1])), sample.ask)
  })

  it.each([
    { noun: "RequestState", states: ["New", "Started", "Cancelled", "Finished", "Failed"], type: RequestState },
    { noun: "SlotState", states: ["Free", "Filled", "Finished", "Failed", "Paid"], type: SlotState },
    {
      noun: "ContractState",
      states: ["None", "Selected", "Started", "Finished", "Failed", "Released"],
      type: ContractState,
    },
  ])("a $noun is read from its position", ({ noun, states, type }) => {
    const read = (position: number | bigint) => Result.map<string, Error, string>(type.fromAbi(position), String)
    states.forEach((state, position) => {
      assert.deepStrictEqual(read(position), Result.succeed(state))
      assert.deepStrictEqual(read(BigInt(position)), Result.succeed(state))
    })
    for (const position of [6, 6n, -1, 255n, 2n ** 64n]) {
      const { message } = Result.getOrThrow(Result.flip(read(position)))
      assert.strictEqual(message, `The chain's answer is no ${noun}: a number is too large for its type (${position}).`)
    }
  })

  it("a state goes back to the position that it came from", () => {
    assert.strictEqual(RequestState.toAbi("Failed"), 4n)
    assert.strictEqual(SlotState.toAbi("Free"), 0n)
  })
})

describe("RevertReason", () => {
  it("a reason of the interface is known, and no other", () => {
    assert.deepStrictEqual(RevertReason.parse("Slot is not free"), Option.some("Slot is not free"))
    for (const text of ["slot is not free", "Slot is not free ", "", "require(false)", undefined]) {
      assert.deepStrictEqual(RevertReason.parse(text), Option.none())
    }
  })

  it("each one belongs to a call, and each call is one of the contract", () => {
    const reasons = [revertReasons, offerRevertReasons].flatMap((calls) => Object.values(calls).flat())
    assert.sameMembers([...new Set(reasons)], [...RevertReason.literals])
    for (const call of Object.keys(revertReasons)) {
      if (call !== "constructor") assert.isNotNull(marketplace.getFunction(call), call)
    }
  })
})

describe("Periodicity", () => {
  it("a period begins with its first second and ends before the next one's", () => {
    const periodicity = { seconds: 10n }
    assert.deepStrictEqual(
      [99n, 100n, 109n, 110n].map((time) => Periodicity.periodOf(periodicity, time)),
      [9n, 10n, 10n, 11n],
    )
    assert.strictEqual(Periodicity.periodStart(periodicity, 10n), 100n)
    assert.strictEqual(Periodicity.periodEnd(periodicity, 10n), 110n)
  })
})
