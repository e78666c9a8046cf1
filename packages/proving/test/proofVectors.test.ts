import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { SlotId, StoragePor } from "@pecia/contracts-abi"
import { Result, Schema } from "effect"
import { ProofScheme, SlotProof } from "../src/index.ts"
import { proofVectors } from "./fixtures/proofVectors.ts"

const Vector = Schema.Struct({
  name: Schema.String,
  valid: Schema.Boolean,
  slotSize: Schema.BigIntFromString,
  slots: Schema.BigIntFromString,
  slotIndex: Schema.BigIntFromString,
  por: Schema.Struct({ u: Schema.String, publicKey: Schema.String, name: Schema.String }),
  slotId: SlotId,
  challenge: Schema.String,
  proof: Schema.String,
})

const json = readFileSync(new URL("fixtures/proof-vectors.json", import.meta.url), "utf8")
const vectors = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Vector)))(json)
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), "hex"))

const verified = ({ por, slotSize, proof, ...about }: (typeof vectors)[number]) =>
  ProofScheme.decode(new StoragePor({ u: bytes(por.u), publicKey: bytes(por.publicKey), name: bytes(por.name) })).pipe(
    Result.flatMap((scheme) => SlotProof.verify({ ...about, scheme, slotSizeBytes: slotSize }, bytes(proof))),
  )

describe("the vectors for other verifiers", () => {
  it("are what fixtures/writeProofVectors.ts writes", () => {
    assert.deepStrictEqual(JSON.parse(json), proofVectors())
  })

  for (const vector of vectors) {
    it(`${vector.valid ? "hold" : "are refused"}: ${vector.name}`, () => {
      assert.strictEqual(Result.isSuccess(verified(vector)), vector.valid)
    })
  }

  it("have a proof of a 1 GiB slot in 4 slots of 4,224 bytes", () => {
    const large = vectors.find(({ slotSize }) => slotSize === 2n ** 30n)
    assert.strictEqual(large?.proof.length, 2 + 2 * 4224)
  })
})
