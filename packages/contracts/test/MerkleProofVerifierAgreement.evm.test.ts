import { readFileSync } from "node:fs"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { bytesFrom, bytesOf, type Claim, claimOf, hex, holds, slotFrom } from "./slotProofs.ts"
import { VerifierBed } from "./VerifierBed.ts"

const Vector = Schema.Struct({
  name: Schema.String,
  valid: Schema.Boolean,
  slotSize: Schema.BigIntFromString,
  slots: Schema.BigIntFromString,
  slotIndex: Schema.BigIntFromString,
  por: Schema.Struct({ u: Schema.String, publicKey: Schema.String, name: Schema.String }),
  slotId: Schema.String,
  challenge: Schema.String,
  proof: Schema.String,
})

const json = readFileSync(new URL("../../proving/test/fixtures/proof-vectors.json", import.meta.url), "utf8")
const vectors = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Vector)))(json)

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** What may become of a claim on its way; all of it depends on the seed alone. */
const mutations: Readonly<Record<string, (claim: Claim, seed: number) => Claim>> = {
  none: (claim) => claim,
  "a bit": (claim, seed) => {
    const proof = bytesOf(claim.proof)
    const bit = seed % (proof.length * 8)
    proof.set([(proof[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3)
    return { ...claim, proof: hex(proof) }
  },
  "a node moved": (claim, seed) => {
    const proof = bytesOf(claim.proof)
    const nodes = proof.length / 32
    const from = (Math.floor(seed / nodes) % nodes) * 32
    proof.copyWithin((seed % nodes) * 32, from, from + 32)
    return { ...claim, proof: hex(proof) }
  },
  truncated: (claim, seed) => ({ ...claim, proof: hex(bytesOf(claim.proof).subarray(0, -1 - (seed % 100))) }),
  padded: (claim, seed) => ({ ...claim, proof: claim.proof + "00".repeat(1 + (seed % 100)) }),
  "other bytes": (claim, seed) => ({ ...claim, proof: hex(bytesFrom(seed, bytesOf(claim.proof).length)) }),
  "another challenge": (claim, seed) => ({ ...claim, challenge: hex(bytesFrom(seed, 32)) }),
  "another slot id": (claim, seed) => ({ ...claim, slotId: hex(bytesFrom(seed, 32)) }),
  "another index": (claim, seed) => ({ ...claim, slotIndex: BigInt(seed % 9) }),
  "more slots": (claim, seed) => ({ ...claim, slots: claim.slots + BigInt(seed % 4) }),
  "another size": (claim, seed) => ({ ...claim, slotSize: BigInt(seed % 10) * 65_536n }),
  "an odd size": (claim, seed) => ({ ...claim, slotSize: claim.slotSize + BigInt(seed % 3) }),
  "other samples": (claim, seed) => ({ ...claim, por: { ...claim.por, publicKey: hex(Uint8Array.of(seed % 70)) } }),
  "another root": (claim, seed) => ({ ...claim, por: { ...claim.por, u: hex(bytesFrom(seed, 30 + (seed % 4))) } }),
}

layer(VerifierBed.layer("MerkleProofVerifier"))("the verifier on chain and the one in TypeScript", (it) => {
  describe("answer as the vectors say", () => {
    for (const { name, valid, ...claim } of vectors)
      it.effect(`${valid ? "accepted" : "refused"}: ${name}`, () =>
        Effect.gen(function* () {
          const { accepts } = yield* VerifierBed
          assert.strictEqual(yield* accepts(claim), valid)
          assert.strictEqual(holds(claim), valid)
        }),
      )
  })

  for (const [name, mutate] of Object.entries(mutations))
    it.effect.prop(
      `agree on any proof with this change: ${name}`,
      {
        seed: between(0, 1_000_000_000),
        blocks: between(1, 9),
        slots: between(1, 9),
        index: between(0, 8),
        samples: between(1, 7),
      },
      ({ seed, blocks, slots, index, samples }) =>
        Effect.gen(function* () {
          const { accepts } = yield* VerifierBed
          const slot = slotFrom(seed, { blocks, slots, slotIndex: index % slots })
          const claim = mutate(claimOf(slot, samples, seed), seed)
          assert.strictEqual(yield* accepts(claim), holds(claim))
          if (name === "none") assert.isTrue(holds(claim))
        }),
      { arbitrary: { runs: 20 } },
    )

  it.effect("the one on chain takes at most 45,000 gas for 5 samples of 1 GiB in a request of four", () =>
    Effect.gen(function* () {
      const { gasOfVerify } = yield* VerifierBed
      const large = yield* Effect.orDie(
        Effect.fromNullishOr(vectors.find(({ valid, slotSize }) => valid && slotSize === 2n ** 30n)),
      )
      assert.strictEqual(bytesOf(large.proof).length, 4224)
      assert.isAtMost(yield* gasOfVerify(large), 45_000)
    }),
  )
})
