import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Bed, names, onBed, type Requested, reasonOf } from "./Bed.ts"
import { blockOf, testDataset } from "./TestDataset.ts"
import { price, vector } from "./TestRequest.ts"

type BedShape = Bed["Service"]

const dataset = testDataset(
  [0, 1, 2, 3].map((slot) => [blockOf(4 * slot), blockOf(4 * slot + 1), blockOf(4 * slot + 2), blockOf(4 * slot + 3)]),
  5,
)
const { content, slotSize } = dataset

/** A request for the dataset. */
const requested = (bed: BedShape) => bed.requested({ slotSize }, { content })

/** The proof of a slot for a transaction in the next block. */
const proofOf = Effect.fnUntraced(function* (bed: BedShape, { slots }: Requested, slotIndex: number) {
  const slotId = String(slots[slotIndex])
  return dataset.proof(slotIndex, slotId, String(yield* bed.upcoming("getChallenge", slotId)))
})

/** Makes the next block the first of the next period. */
const atNextPeriod = Effect.fnUntraced(function* (bed: BedShape) {
  yield* bed.at(((yield* bed.now) / 10n + 1n) * 10n)
})

const flipped = (proof: string, at: number) => {
  const bytes = Buffer.from(proof.slice(2), "hex")
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return `0x${bytes.toString("hex")}`
}

/** What can be wrong with a proof that would hold. */
const spoilt: Readonly<Record<string, (proof: string) => string>> = {
  empty: () => "0x",
  "one byte": () => "0x01",
  "truncated by a byte": (proof) => proof.slice(0, -2),
  "truncated by a node": (proof) => proof.slice(0, -64),
  "padded with a byte": (proof) => `${proof}00`,
  "padded with a node": (proof) => `${proof}${"00".repeat(32)}`,
  "with a wrong first byte": (proof) => flipped(proof, 0),
  "with a wrong byte in a path": (proof) => flipped(proof, 200),
  "with a wrong last byte": (proof) => flipped(proof, proof.length / 2 - 2),
}

const verified = { contract: "Marketplace" } as const

layer(Bed.layer(verified))("a marketplace with a verifier", (it) => {
  it.effect("takes the proofs of hosts that have the data, when filling and afterwards, to the end", () =>
    onBed(function* (bed) {
      const made = yield* requested(bed)
      for (const index of [0, 1, 2, 3]) yield* bed.fill(bed.host, made, BigInt(index), yield* proofOf(bed, made, index))
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      for (let round = 0; round < 3; round++)
        for (const index of [0, 3]) {
          yield* atNextPeriod(bed)
          const proof = yield* proofOf(bed, made, index)
          const logs = yield* bed.send(bed.host, "submitProof", made.slots[index], proof)
          assert.deepStrictEqual(logs, [{ name: "ProofSubmitted", args: [made.slots[index], proof] }])
        }
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      const before = yield* bed.tokens(bed.host)
      for (const slot of made.slots) yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.tokens(bed.host), before + price(made.request))
    }),
  )

  it.effect("refuses an old challenge, and takes the proof that is made anew", () =>
    onBed(function* (bed) {
      const made = yield* requested(bed)
      const slot = made.slots[1]
      const old = yield* proofOf(bed, made, 1)
      yield* bed.devnet.mine(300)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 1n, old)), "Invalid proof")
      const first = yield* proofOf(bed, made, 1)
      yield* bed.fill(bed.host, made, 1n, first)
      yield* bed.devnet.mine(300)
      yield* atNextPeriod(bed)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", slot, first)), "Invalid proof")
      yield* bed.send(bed.host, "submitProof", slot, yield* proofOf(bed, made, 1))
    }),
  )

  it.effect("refuses the proof of another slot, of this request or of one like it", () =>
    onBed(function* (bed) {
      const made = yield* requested(bed)
      const twin = yield* bed.requested({ slotSize }, { content, nonce: `0x${"33".repeat(32)}` })
      const right = yield* proofOf(bed, made, 0)
      for (const wrong of [yield* proofOf(bed, made, 1), yield* proofOf(bed, twin, 0)]) {
        assert.notStrictEqual(wrong, right)
        assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 0n, wrong)), "Invalid proof")
      }
      yield* bed.fill(bed.host, made, 0n, yield* proofOf(bed, made, 0))
      yield* atNextPeriod(bed)
      for (const wrong of [yield* proofOf(bed, made, 1), yield* proofOf(bed, twin, 0)])
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", made.slots[0], wrong)), "Invalid proof")
      yield* bed.send(bed.host, "submitProof", made.slots[0], yield* proofOf(bed, made, 0))
    }),
  )

  for (const [what, spoil] of Object.entries(spoilt))
    it.effect(`refuses a proof that is ${what}`, () =>
      onBed(function* (bed) {
        const made = yield* requested(bed)
        const filling = spoil(yield* proofOf(bed, made, 2))
        assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 2n, filling)), "Invalid proof")
        yield* bed.fill(bed.host, made, 2n, yield* proofOf(bed, made, 2))
        yield* atNextPeriod(bed)
        const right = yield* proofOf(bed, made, 2)
        const wrong = bed.send(bed.host, "submitProof", made.slots[2], spoil(right))
        assert.strictEqual(yield* reasonOf(wrong), "Invalid proof")
        yield* bed.send(bed.host, "submitProof", made.slots[2], right)
      }),
    )

  it.effect("checks the proof after who brings it and before whether one is in", () =>
    onBed(function* (bed) {
      const made = yield* requested(bed)
      yield* atNextPeriod(bed)
      yield* bed.fill(bed.host, made, 0n, yield* proofOf(bed, made, 0))
      const submit = (from: string, proof: string) => bed.send(from, "submitProof", made.slots[0], proof)
      assert.strictEqual(yield* reasonOf(submit(bed.otherHost, "0x01")), "Slot filled by other host")
      assert.strictEqual(yield* reasonOf(submit(bed.host, "0x01")), "Invalid proof")
      assert.strictEqual(yield* reasonOf(submit(bed.host, yield* proofOf(bed, made, 0))), "Proof already submitted")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, made, 1n, "0x01")), "Insufficient collateral")
    }),
  )
})

const { por } = content
const unusable = {
  "no parameters": { ask: { slotSize }, por: vector.content.por },
  "another scheme": { ask: { slotSize }, por: { ...por, name: "0x1234" } },
  "no scheme": { ask: { slotSize }, por: { ...por, name: "0x" } },
  "a root that is too short": { ask: { slotSize }, por: { ...por, u: por.u.slice(0, -2) } },
  "a root that is too long": { ask: { slotSize }, por: { ...por, u: `${por.u}00` } },
  "no samples": { ask: { slotSize }, por: { ...por, publicKey: "0x00" } },
  "65 samples": { ask: { slotSize }, por: { ...por, publicKey: "0x41" } },
  "two bytes of samples": { ask: { slotSize }, por: { ...por, publicKey: "0x0500" } },
  "slots of no size": { ask: { slotSize: 0n }, por },
  "slots that do not consist of blocks": { ask: { slotSize: 65_537n }, por },
}

layer(Bed.layer(verified))("a request whose proofs the verifier could not check is refused", (it) => {
  for (const [what, { ask, por }] of Object.entries(unusable))
    it.effect(`for ${what}`, () =>
      onBed(function* (bed) {
        const { id, request } = yield* bed.newRequest(ask, { content: { ...content, por } })
        assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), "Invalid proof parameters")
        assert.strictEqual(yield* reasonOf(bed.view("requestState", id)), "Unknown request")
      }),
    )

  it.effect("after the terms were found to make sense, and before its size is looked at", () =>
    onBed(function* (bed) {
      const large = { ...content, cid: "z".repeat(24_576), por: { ...por, publicKey: "0x00" } }
      const post = Effect.fnUntraced(function* (...args: Parameters<typeof bed.newRequest>) {
        return yield* reasonOf(bed.send(bed.client, "requestStorage", (yield* bed.newRequest(...args)).request))
      })
      const probable = { slotSize, proofProbability: 2n ** 64n }
      assert.strictEqual(yield* post(probable, { content: large }), "Invalid proof probability")
      assert.strictEqual(yield* post({ slotSize }, { content: large }), "Invalid proof parameters")
      assert.strictEqual(yield* post({ slotSize }, { content: { ...large, por } }), "Request too large")
    }),
  )

  it.effect("and taken when it can", () =>
    onBed(function* (bed) {
      for (const samples of ["0x01", "0x40"]) {
        const { request } = yield* bed.newRequest(
          { slotSize },
          { content: { ...content, por: { ...por, publicKey: samples } } },
        )
        const logs = yield* bed.send(bed.client, "requestStorage", request)
        assert.deepStrictEqual(names(logs), ["Transfer", "StorageRequested"])
      }
    }),
  )
})
