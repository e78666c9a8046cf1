import { assert, describe, it } from "@effect/vitest"
import { bytesFrom } from "@pecia/trees/testing"
import { Result, Schema } from "effect"
import { AbiCoder, keccak256 } from "ethers"
import { SlotProof, type SlotStatement } from "../src/index.ts"
import { type Dataset, hexFrom, pairsOf, proofBy, slotIdFrom, statementOf } from "./sampleData.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const datasetFrom = (seed: string | number, slots: number, blocks: number): Dataset => ({
  slotSizeBytes: blocks * 65_536,
  slots: Array.from({ length: slots }, (_, i) => bytesFrom(`${seed} ${i}`, blocks * 65_536 - 100)),
})

const holds = (statement: SlotStatement, proof: Uint8Array) => Result.isSuccess(SlotProof.verify(statement, proof))

const reason = (statement: SlotStatement, proof: Uint8Array) =>
  Result.match(SlotProof.verify(statement, proof), { onSuccess: () => "holds", onFailure: (error) => error.message })

// 3 blocks, so that the tree has missing leaves; 3 slots, so that the dataset has.
const dataset = datasetFrom("proof", 3, 3)
const statement = statementOf(dataset, 1, 5, "proof")
const proof = proofBy(dataset, statement)
const pathLength = 12 // levels above the pair: 13 of a slot of 3 blocks, less one
const sampleBytes = 64 + 32 * pathLength

describe("a slot proof", () => {
  it("holds for the data it was made from", () => {
    assert.strictEqual(reason(statement, proof), "holds")
  })

  it("samples pair keccak256(abi.encode(challenge, slotId, i)) mod the number of pairs, each i", () => {
    const expected = [0, 1, 2, 3, 4].map((i) => {
      const encoded = AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "bytes32", "uint256"],
        [statement.challenge, statement.slotId, i],
      )
      return BigInt(keccak256(encoded)) % (3n * 1024n)
    })
    assert.deepStrictEqual(pairsOf(statement), expected)
  })

  it("of a 1 GiB slot in 4 slots with 5 samples has 4,224 bytes", () => {
    const bytes = new Uint8Array(4224)
    const large = { ...statement, slotSizeBytes: 2n ** 30n, slots: 4n }
    assert.include(reason(large, bytes), "does not lead to the dataset root")
    assert.include(reason(large, bytes.subarray(1)), "it has 4223 bytes, not 4224")
  })

  it.prop(
    "holds for any slot of any dataset, samples from 1 to 64",
    { seed: Schema.Int, slots: between(1, 6), blocks: between(1, 5), samples: between(1, 64), index: between(0, 59) },
    ({ seed, slots, blocks, samples, index }) => {
      const data = datasetFrom(seed, slots, blocks)
      const about = statementOf(data, index % slots, samples, seed)
      assert.strictEqual(reason(about, proofBy(data, about)), "holds")
    },
    { arbitrary: { runs: 25 } },
  )

  it.prop(
    "is refused with any one bit changed",
    { bit: between(0, proof.length * 8 - 1) },
    ({ bit }) => {
      const changed = proof.slice()
      changed.set([(changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3)
      assert.isFalse(holds(statement, changed))
    },
    { arbitrary: { runs: 300 } },
  )

  it("is refused when empty, truncated or padded", () => {
    assert.include(reason(statement, new Uint8Array()), "it has 0 bytes, not 2304")
    assert.isFalse(holds(statement, proof.subarray(0, -1)))
    assert.isFalse(holds(statement, proof.subarray(0, -32)))
    assert.isFalse(holds(statement, Uint8Array.from([...proof, 0])))
    assert.isFalse(holds(statement, Uint8Array.from([...proof, ...new Uint8Array(32)])))
  })

  it("is refused for another slot, be it the index or the id", () => {
    assert.isFalse(holds({ ...statement, slotIndex: 0n }, proof))
    assert.isFalse(holds({ ...statement, slotIndex: 2n }, proof))
    assert.isFalse(holds({ ...statement, slotId: slotIdFrom("another") }, proof))
  })

  it("is refused for an index outside the dataset, also one that ends in the same bits", () => {
    assert.include(reason({ ...statement, slotIndex: 3n }, proof), "there is no slot 3 among 3")
    assert.isFalse(holds({ ...statement, slotIndex: 1n + 4n }, proof))
    assert.isFalse(holds({ ...statement, slotIndex: -1n }, proof))
  })

  it("is refused for an old challenge, and for one that is none", () => {
    assert.isFalse(holds({ ...statement, challenge: hexFrom("an older one") }, proof))
    assert.include(reason({ ...statement, challenge: "0x12" }, proof), "is not 32 bytes")
    assert.include(reason({ ...statement, challenge: statement.challenge.toUpperCase() }, proof), "is not 32 bytes")
  })

  it("is refused for another root, number of samples or size", () => {
    assert.isFalse(holds({ ...statement, scheme: { ...statement.scheme, root: bytesFrom("root", 32) } }, proof))
    assert.isFalse(holds({ ...statement, scheme: { ...statement.scheme, samples: 4 } }, proof))
    assert.isFalse(holds({ ...statement, slotSizeBytes: 65_536n }, proof))
    assert.isFalse(holds({ ...statement, slots: 9n }, proof))
  })

  it("is refused with neighbours of a path exchanged, at each level of each sample", () => {
    const exchanged = (at: number) => {
      const changed = proof.slice()
      changed.set(proof.subarray(at + 32, at + 64), at)
      changed.set(proof.subarray(at, at + 32), at + 32)
      return changed
    }
    // the last neighbours are the two levels of the path to the dataset root
    for (let at = 0; at < proof.length - 32; at += 32) assert.isFalse(holds(statement, exchanged(at)), `at byte ${at}`)
  })

  it("is refused when it shows, with right paths, the pair on the other side at any one level", () => {
    const even = datasetFrom("even", 4, 4)
    for (const slotIndex of [0, 1, 2, 3]) {
      const about = statementOf(even, slotIndex, 5, `even ${slotIndex}`)
      assert.isTrue(holds(about, proofBy(even, about)))
      for (let level = 0n; level < 12n; level++) {
        const mirrored = pairsOf(about).map((pair) => pair ^ (1n << level))
        assert.isFalse(holds(about, proofBy(even, about, mirrored)), `level ${level} of slot ${slotIndex}`)
      }
      for (const level of [0n, 1n]) {
        const other = { ...about, slotIndex: about.slotIndex ^ (1n << level) }
        assert.isFalse(holds(about, proofBy(even, other, pairsOf(about))), `level ${level} above slot ${slotIndex}`)
      }
    }
  })

  it("is refused with two samples exchanged", () => {
    const changed = proof.slice()
    changed.set(proof.subarray(sampleBytes, 2 * sampleBytes), 0)
    changed.set(proof.subarray(0, sampleBytes), sampleBytes)
    assert.isFalse(holds(statement, changed))
  })

  it("made by hand from altered data is refused", () => {
    const slots = dataset.slots.map((data) => data.slice())
    for (const data of slots) for (let at = 0; at < data.length; at += 64) data.set([(data[at] ?? 0) ^ 1], at)
    assert.isFalse(holds(statement, proofBy({ ...dataset, slots }, statement)))
  })
})
