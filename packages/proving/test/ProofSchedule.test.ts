import { assert, describe, it } from "@effect/vitest"
import { SlotId } from "@pecia/contracts-abi"
import { AbiCoder, keccak256 } from "ethers"
import { ProofSchedule } from "../src/index.ts"
import { configWith } from "./hosting.ts"

const { proofs: config } = configWith({ period: 10n, timeout: 5n, downtime: 64n })
const slotId = SlotId.make(`0x${"ab".repeat(31)}ff`)

/** A chain on which all blocks have the hash whose challenge is to be looked at. */
const blockOf = (number: bigint, hash: string) => ({ number, hashOf: () => hash })

// keccak256 of 32 zero bytes, and of 31 of them before a 1
const [zero, one] = [`0x${"00".repeat(32)}`, `0x${"00".repeat(31)}01`]
const challengeOfZero = "0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563"
const challengeOfOne = "0xb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf6"

describe("the schedule of proofs, by hand", () => {
  it("the pointer is (block + keccak256(id, period)) mod 256", () => {
    const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [slotId, 3n])
    assert.isTrue(keccak256(encoded).endsWith("47")) // 71
    assert.strictEqual(ProofSchedule.pointer(slotId, 3n, 1000n), 47n) // 1000 + 71 = 4 * 256 + 47
    assert.strictEqual(ProofSchedule.pointer(slotId, 3n, 1208n), 255n)
    assert.strictEqual(ProofSchedule.pointer(slotId, 3n, 1209n), 0n)
  })

  it("the challenge is keccak256 of the hash of the block that lies pointer + 1 blocks back", () => {
    assert.strictEqual(ProofSchedule.challenge(zero), challengeOfZero)
    assert.strictEqual(ProofSchedule.challenge(one), challengeOfOne)
    const asked: Array<bigint> = []
    const hashOf = (number: bigint) => {
      asked.push(number)
      return zero
    }
    assert.strictEqual(ProofSchedule.challengeAt(slotId, 3n, { number: 1000n, hashOf }), challengeOfZero)
    ProofSchedule.challengeAt(slotId, 3n, { number: 1001n, hashOf })
    ProofSchedule.challengeAt(slotId, 3n, { number: 1209n, hashOf })
    assert.deepStrictEqual(asked, [952n, 952n, 1208n])
  })

  it("no proof is required in the period of the filling, in any later one it may be", () => {
    const asked = (filledAt: bigint, period: bigint) =>
      ProofSchedule.requirement(
        { ...config, downtime: 0n },
        { slotId, filledAt, probability: 1n },
        period,
        blockOf(1000n, zero),
      )
    assert.deepStrictEqual(
      [2n, 3n, 4n].map((period) => asked(30n, period)),
      ["None", "None", "Due"],
    )
    assert.deepStrictEqual(
      [29n, 39n].map((filledAt) => asked(filledAt, 3n)),
      ["Due", "None"],
    )
  })

  it("a proof is upcoming below the downtime, due from it on", () => {
    const slot = { slotId, filledAt: 0n, probability: 1n }
    const at = (number: bigint) => ProofSchedule.requirement(config, slot, 3n, blockOf(number, zero))
    assert.deepStrictEqual([1208n, 1209n, 1272n, 1273n].map(at), ["Due", "Upcoming", "Upcoming", "Due"])
  })

  it("is required when the challenge is divisible by floor(0.75 N) at a downtime of 64, always when that is 0", () => {
    const requires = (probability: bigint, hash: string) =>
      ProofSchedule.requirement(config, { slotId, filledAt: 0n, probability }, 3n, blockOf(1100n, hash)) === "Due"
    // [N, what it divides by, whether the challenge of zero and that of one are divisible]; their last bytes are 0x63 and 0xf6
    const table = [
      [0n, 0n, true, true],
      [1n, 0n, true, true],
      [2n, 1n, true, true],
      [3n, 2n, false, true],
      [4n, 3n, true, true],
      [6n, 4n, false, false],
      [10n, 7n, false, false],
    ] as const
    for (const [n, divisor, ofZero, ofOne] of table) {
      assert.deepStrictEqual([requires(n, zero), requires(n, one)], [ofZero, ofOne], `${n}, so 1 in ${divisor}`)
    }
  })
})
