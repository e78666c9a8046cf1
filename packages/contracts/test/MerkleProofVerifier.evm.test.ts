import { createHash } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { askedOf, bytesFrom, bytesOf, type Claim, claimOf, hex, slotFrom, type TestSlot } from "./slotProofs.ts"
import { VerifierBed } from "./VerifierBed.ts"

const node = 32
const concurrency = 8

// One block: 10 levels above a pair. Three blocks, three slots: missing leaves in both trees.
const small = slotFrom("small", { blocks: 1, slots: 2, slotIndex: 1 })
const odd = slotFrom("odd", { blocks: 3, slots: 3, slotIndex: 2 })
const claim = claimOf(odd, 5, "five samples")
const sampleLength = 64 + 12 * node

const withProof = (claim: Claim, proof: Uint8Array): Claim => ({ ...claim, proof: hex(proof) })

/** The claim with bytes of its proof replaced. */
const replaced = (claim: Claim, at: number, by: Uint8Array): Claim => {
  const proof = bytesOf(claim.proof)
  proof.set(by, at)
  return withProof(claim, proof)
}
const flipped = (claim: Claim, at: number): Claim =>
  replaced(claim, at, Uint8Array.of((bytesOf(claim.proof)[at] ?? 0) ^ 1))

/** The claim whose proof shows other pairs than the challenge asks for, each with its right path. */
const showing = (slot: TestSlot, samples: number, seed: string, other: (pair: bigint) => bigint): Claim => {
  const { pairs, statement } = askedOf(slot, samples, seed)
  return { ...statement, proof: hex(slot.proofOf(pairs.map(other))) }
}

/** The first seed whose challenge asks for such pairs. */
const seedFor = (slot: TestSlot, samples: number, wanted: (pairs: ReadonlyArray<bigint>) => boolean): string => {
  for (let i = 0; ; i++) if (wanted(askedOf(slot, samples, `seed ${i}`).pairs)) return `seed ${i}`
}

layer(VerifierBed.layer("MerkleProofVerifier"))("MerkleProofVerifier", (it) => {
  const test = (name: string, body: (bed: VerifierBed["Service"]) => Effect.fn.Return<void, Error>) =>
    it.effect(name, () => VerifierBed.use((bed) => Effect.gen(() => body(bed))))

  test("accepts the proof of any slot of a dataset, with missing leaves or without", function* ({ accepts }) {
    for (const slots of [1, 2, 3, 4, 5])
      for (let slotIndex = 0; slotIndex < slots; slotIndex++) {
        const slot = slotFrom(`${slotIndex} of ${slots}`, { blocks: slots, slots, slotIndex })
        assert.isTrue(yield* accepts(claimOf(slot, 3, "any slot")), `slot ${slotIndex} of ${slots}`)
      }
  })

  for (const side of ["left", "right"] as const) {
    test(`takes a node for the ${side} one where the number of the pair says so, at each level`, function* (bed) {
      for (let level = 0n; level < 10n; level++) {
        const bit = side === "left" ? 0n : 1n
        const seed = seedFor(small, 1, ([pair = 0n]) => ((pair >> level) & 1n) === bit)
        assert.isTrue(yield* bed.accepts(claimOf(small, 1, seed)), `level ${level}`)
        const mirrored = showing(small, 1, seed, (pair) => pair ^ (1n << level))
        assert.isFalse(yield* bed.accepts(mirrored), `the other side of level ${level}`)
      }
    })
  }

  test("takes a slot root for left or right where the slot's index says so, at each level", function* ({ accepts }) {
    for (let slotIndex = 0; slotIndex < 8; slotIndex++) {
      const claim = claimOf(slotFrom(`side ${slotIndex}`, { blocks: 1, slots: 8, slotIndex }), 2, "side")
      assert.isTrue(yield* accepts(claim), `slot ${slotIndex}`)
      for (const level of [0n, 1n, 2n]) {
        const other = { ...claim, slotIndex: claim.slotIndex ^ (1n << level) }
        assert.isFalse(yield* accepts(other), `slot ${other.slotIndex} for ${slotIndex}`)
      }
    }
  })

  test("refuses a proof with a wrong byte, wherever it is", function* ({ accepts }) {
    const claim = claimOf(small, 2, "each byte")
    assert.isTrue(yield* accepts(claim))
    const places = bytesOf(claim.proof).keys()
    const answers = yield* Effect.forEach(places, (at) => accepts(flipped(claim, at)), { concurrency })
    assert.strictEqual(answers.length, 2 * (64 + 10 * node) + node)
    assert.isFalse(answers.includes(true), `byte ${answers.indexOf(true)}`)
  })

  test("refuses a proof with any two neighbouring nodes exchanged", function* ({ accepts }) {
    const proof = bytesOf(claim.proof)
    for (let at = 0; at < proof.length - node; at += node) {
      const exchanged = Buffer.concat([proof.subarray(at + node, at + 2 * node), proof.subarray(at, at + node)])
      assert.isFalse(yield* accepts(replaced(claim, at, exchanged)), `at byte ${at}`)
    }
  })

  test("refuses a proof with samples exchanged, or one in the place of another", function* ({ accepts }) {
    const proof = bytesOf(claim.proof)
    const [first, second] = [proof.subarray(0, sampleLength), proof.subarray(sampleLength, 2 * sampleLength)]
    assert.isFalse(yield* accepts(replaced(claim, 0, Buffer.concat([second, first]))))
    assert.isFalse(yield* accepts(replaced(claim, sampleLength, first)))
    assert.isFalse(yield* accepts(replaced(claim, 4 * sampleLength, first)))
  })

  test("wants every sample, also where a challenge asks for the same pair twice", function* ({ accepts }) {
    const seed = seedFor(small, 2, ([first, second]) => first === second)
    const claim = claimOf(small, 2, seed)
    const length = 64 + 10 * node
    const proof = bytesOf(claim.proof)
    assert.isTrue(yield* accepts(claim))
    assert.deepStrictEqual(proof.subarray(0, length), proof.subarray(length, 2 * length))
    assert.isFalse(yield* accepts(withProof(claim, proof.subarray(length))))
    for (const at of [0, length]) assert.isFalse(yield* accepts(flipped(claim, at)), `byte ${at}`)
  })

  test("refuses a proof that is empty, truncated or padded", function* ({ accepts }) {
    const proof = bytesOf(claim.proof)
    for (const length of [0, 1, node, 64, sampleLength, proof.length - 3 * node, proof.length - node, proof.length - 1])
      assert.isFalse(yield* accepts(withProof(claim, proof.subarray(0, length))), `${length} bytes`)
    for (const more of [1, 31, node, sampleLength])
      assert.isFalse(yield* accepts(withProof(claim, Buffer.concat([proof, new Uint8Array(more)]))), `${more} more`)
    assert.isFalse(yield* accepts(withProof(claim, Buffer.concat([new Uint8Array(node), proof]))))
  })

  test("answers, and refuses, whatever the bytes are", function* ({ accepts }) {
    const lengths = [0, 1, 31, node, 33, 64, 1000, 2303, 2304, 2305, 4224, 24_608, 100_000]
    for (const length of lengths)
      for (const proof of [new Uint8Array(length), new Uint8Array(length).fill(255), bytesFrom(length, length)])
        assert.isFalse(yield* accepts(withProof(claim, proof)), `${length} bytes`)
  })

  test("refuses a proof for an old challenge or another slot id", function* ({ accepts }) {
    assert.isTrue(yield* accepts(claim))
    assert.isFalse(yield* accepts({ ...claim, challenge: hex(bytesFrom("an older challenge", 32)) }))
    assert.isFalse(yield* accepts({ ...claim, slotId: hex(bytesFrom("another slot", 32)) }))
    assert.isFalse(yield* accepts({ ...claim, challenge: claim.slotId, slotId: claim.challenge }))
  })

  test("refuses a slot outside the dataset, also one whose index ends in the same bits", function* ({ accepts }) {
    for (const slotIndex of [3n, 6n, 2n + 2n ** 64n, 2n + 2n ** 251n, 2n + 2n ** 255n])
      assert.isFalse(yield* accepts({ ...claim, slotIndex }), `slot ${slotIndex}`)
    const only = claimOf(slotFrom("only", { blocks: 1, slots: 1, slotIndex: 0 }), 2, "only")
    assert.isTrue(yield* accepts(only))
    assert.isFalse(yield* accepts({ ...only, slotIndex: 1n }))
  })

  test("refuses a proof for another root, size, number of slots or number of samples", function* ({ accepts }) {
    const withPor = (por: Partial<Claim["por"]>): Claim => ({ ...claim, por: { ...claim.por, ...por } })
    assert.isFalse(yield* accepts(withPor({ u: hex(bytesFrom("another root", 32)) })))
    for (const samples of ["0x01", "0x04", "0x06", "0x40"])
      assert.isFalse(yield* accepts(withPor({ publicKey: samples })), samples)
    for (const slotSize of [65_536n, 131_072n, 262_144n, 2n ** 64n - 65_536n])
      assert.isFalse(yield* accepts({ ...claim, slotSize }), `${slotSize} bytes`)
    for (const slots of [1n, 2n, 5n, 2n ** 64n - 1n]) assert.isFalse(yield* accepts({ ...claim, slots }), `${slots}`)
  })

  test("refuses what a host can make of altered data", function* ({ accepts }) {
    const altered = slotFrom("altered", { blocks: 3, slots: 3, slotIndex: 2 })
    const { pairs, statement } = askedOf(odd, 5, "altered")
    assert.isTrue(yield* accepts({ ...statement, proof: hex(odd.proofOf(pairs)) }))
    assert.isFalse(yield* accepts({ ...statement, proof: hex(altered.proofOf(pairs)) }))
  })

  test("verifies an offer: sha256 of the manifest's digest and the root is a dataset of two slots", function* (bed) {
    const alone = slotFrom("offer", { blocks: 2, slots: 1, slotIndex: 0 })
    const digest = bytesFrom("the manifest's digest", 32)
    const contentHash = createHash("sha256").update(digest).update(alone.datasetRoot).digest()
    const { pairs, statement } = askedOf(alone, 5, "offer")
    const claim: Claim = {
      ...statement,
      slots: 2n,
      slotIndex: 1n,
      por: { ...statement.por, u: hex(contentHash) },
      proof: hex(Buffer.concat([alone.proofOf(pairs), digest])),
    }
    assert.isTrue(yield* bed.accepts(claim))
    assert.isFalse(yield* bed.accepts({ ...claim, slotIndex: 0n }))
    assert.isFalse(yield* bed.accepts(flipped(claim, bytesOf(claim.proof).length - 1)))
    assert.isFalse(yield* bed.accepts({ ...claim, por: statement.por }))
  })

  test("can verify its own scheme alone", function* ({ canVerify }) {
    const can = (por: Partial<Claim["por"]>) => canVerify({ ...claim, por: { ...claim.por, ...por } })
    assert.isTrue(yield* can({}))
    for (const publicKey of ["0x01", "0x05", "0x40"]) assert.isTrue(yield* can({ publicKey }), publicKey)
    for (const publicKey of ["0x", "0x00", "0x41", "0xff", "0x0500", "0x0005"])
      assert.isFalse(yield* can({ publicKey }), publicKey)
    for (const length of [0, 31, 33, 64]) assert.isFalse(yield* can({ u: hex(new Uint8Array(length)) }), `${length}`)
    for (const name of ["", "pecia-sha256-64-v2", "pecia-sha256-64-v", "pecia-sha256-64-v1 ", "pecia-sha256-64-v1\0"])
      assert.isFalse(yield* can({ name: hex(Buffer.from(name)) }), name)
  })

  test("can verify slots of whole blocks, as many and as large as 64 bits say", function* ({ canVerify }) {
    for (const slotSize of [65_536n, 196_608n, 2n ** 30n, 2n ** 64n - 65_536n])
      assert.isTrue(yield* canVerify({ ...claim, slotSize }), `${slotSize} bytes`)
    for (const slotSize of [0n, 1n, 65_535n, 65_537n, 98_304n, 2n ** 64n, 2n ** 256n - 65_536n])
      assert.isFalse(yield* canVerify({ ...claim, slotSize }), `${slotSize} bytes`)
    for (const slots of [1n, 2n, 65_535n, 2n ** 64n - 1n]) assert.isTrue(yield* canVerify({ ...claim, slots }))
    for (const slots of [0n, 2n ** 64n, 2n ** 256n - 1n]) assert.isFalse(yield* canVerify({ ...claim, slots }))
  })
})

layer(VerifierBed.layer("TestVerifier"))("TestVerifier", (it) => {
  it.effect("accepts any proof that is not empty, for whatever parameters", () =>
    Effect.gen(function* () {
      const { accepts } = yield* VerifierBed
      const nothing = { ...claim, slots: 0n, slotSize: 0n, por: { u: "0x", publicKey: "0x", name: "0x" } }
      for (const about of [claim, nothing]) {
        assert.isTrue(yield* accepts({ ...about, proof: "0x00" }))
        assert.isFalse(yield* accepts({ ...about, proof: "0x" }))
      }
    }),
  )
})
