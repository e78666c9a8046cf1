import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { SlotId } from "@pecia/contracts-abi"
import { Result, Schema } from "effect"
import { AbiCoder, keccak256 } from "ethers"
import { SlotProof, type SlotStatement } from "../src/index.ts"
import { type Dataset, proofBy, statementOf } from "./sampleData.ts"

// Written by packages/contracts, whose tests say that they are fresh.
const Vector = Schema.Struct({
  name: Schema.String,
  seed: Schema.String,
  slots: Schema.BigIntFromString,
  slotSize: Schema.BigIntFromString,
  chunks: Schema.BigIntFromString,
  slotIndex: Schema.BigIntFromString,
  samples: Schema.BigIntFromString,
  slotId: SlotId,
  challenge: Schema.String,
  root: Schema.String,
  proof: Schema.String,
})
type Vector = typeof Vector.Type

const json = readFileSync(new URL("fixtures/solidity-proof-vectors.json", import.meta.url), "utf8")
const vectors = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Vector)))(json)
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), "hex"))

const statementIn = ({ samples, root, slotSize, ...about }: Vector): SlotStatement => ({
  ...about,
  scheme: { root: bytes(root), samples: Number(samples) },
  slotSizeBytes: slotSize,
})
const holds = (statement: SlotStatement, proof: Uint8Array) => Result.isSuccess(SlotProof.verify(statement, proof))

/** The data that Solidity made the proof of: chunk i of a slot is keccak256(abi.encode(seed, slotIndex, i)). */
const datasetIn = ({ seed, slots, slotSize, chunks }: Vector): Dataset => {
  const chunk = (slot: number, i: number) =>
    bytes(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256", "uint256"], [seed, slot, i])))
  return {
    slotSizeBytes: Number(slotSize),
    slots: Array.from({ length: Number(slots) }, (_, slot) =>
      Buffer.concat(Array.from({ length: Number(chunks) }, (_, i) => chunk(slot, i))),
    ),
  }
}

describe("the proofs that Solidity makes", () => {
  it("are there", () => {
    assert.strictEqual(vectors.length, 5)
  })

  for (const vector of vectors) {
    const statement = statementIn(vector)
    const proof = bytes(vector.proof)

    it(`hold: ${vector.name}`, () => {
      assert.isTrue(holds(statement, proof))
    })

    it(`do not hold with a bit changed in any node: ${vector.name}`, () => {
      for (let at = 0; at < proof.length; at += 32) {
        const changed = proof.slice()
        changed.set([(changed[at + 7] ?? 0) ^ 16], at + 7)
        assert.isFalse(holds(statement, changed), `node at byte ${at}`)
      }
    })

    it(`are those that TypeScript makes of the same data: ${vector.name}`, () => {
      const dataset = datasetIn(vector)
      const { root } = statementOf(dataset, Number(vector.slotIndex), Number(vector.samples), "").scheme
      assert.deepStrictEqual(Uint8Array.from(root), bytes(vector.root))
      assert.deepStrictEqual(proofBy(dataset, statement), proof)
    })
  }
})
