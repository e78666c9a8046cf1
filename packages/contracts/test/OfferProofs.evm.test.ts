import { createHash } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { SlotId } from "@pecia/contracts-abi"
import { ProofScheme, SlotProof } from "@pecia/proving"
import { Effect, Result } from "effect"
import { hexlify } from "ethers"
import { proofMissed, upcoming } from "./missedProof.ts"
import { gain, names, OfferBed, onOfferBed, reasonOf, strict } from "./OfferBed.ts"
import { bytesFrom, slotFrom } from "./slotProofs.ts"

type BedShape = OfferBed["Service"]

const unknown = `0x${"77".repeat(32)}`
const always = { proofProbability: 1n, duration: 10_000n }

const nextPeriod = Effect.fnUntraced(function* (bed: BedShape) {
  yield* bed.goTo(((yield* bed.now) / 10n + 1n) * 10n)
})

// The data, and a manifest: of the latter, the market knows the digest alone.
const data = slotFrom("offer", { blocks: 3, slots: 2, slotIndex: 1 })
const manifestDigest = bytesFrom("offer slot 0", 32)
const contentHash = createHash("sha256").update(manifestDigest).update(data.slotRoot).digest()
const kept = { size: data.slotSize, contentHash: hexlify(contentHash) }

/** The proof of the data for a transaction in the next block. */
const proofOf = Effect.fnUntraced(function* (bed: BedShape, id: string) {
  const challenge = String(yield* bed.upcoming("getChallenge", id))
  const scheme = { root: Uint8Array.from(contentHash), samples: 5 }
  const about = { slotSizeBytes: data.slotSize, slots: 2n, slotIndex: 1n, scheme, challenge, slotId: SlotId.make(id) }
  const shape = Result.getOrThrow(ProofScheme.shape(scheme, data.slotSize, 2n))
  return hexlify(data.proofOf(SlotProof.sampledPairs(shape, about)))
})

layer(OfferBed.layer({ verifier: "MerkleProofVerifier" }))("submitProof", (it) => {
  it.effect("takes 5 samples of the data, with the manifest's digest as the last sibling, in each period", () =>
    onOfferBed(function* (bed) {
      const { id } = yield* bed.started(kept)
      for (let round = 0; round < 3; round++) {
        yield* nextPeriod(bed)
        const proof = yield* proofOf(bed, id)
        assert.strictEqual(proof.slice(-64), Buffer.from(manifestDigest).toString("hex"))
        assert.deepStrictEqual(yield* bed.send(bed.host, "submitProof", id, proof), [
          { name: "ProofSubmitted", args: [id, proof] },
        ])
      }
    }),
  )

  it.effect("refuses the proof of another contract, an altered one, and none", () =>
    onOfferBed(function* (bed) {
      const { id } = yield* bed.started(kept)
      const other = yield* bed.started(kept)
      const otherData = yield* bed.started({ ...kept, contentHash: hexlify(data.slotRoot) })
      yield* nextPeriod(bed)
      const proof = yield* proofOf(bed, id)
      const altered = `${proof.slice(0, -2)}${proof.endsWith("00") ? "01" : "00"}`
      for (const wrong of [altered, yield* proofOf(bed, other.id), proof.slice(0, -64), "0x"])
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", id, wrong)), "Invalid proof")
      const foreign = bed.send(bed.host, "submitProof", otherData.id, yield* proofOf(bed, otherData.id))
      assert.strictEqual(yield* reasonOf(foreign), "Invalid proof")
      yield* bed.send(bed.host, "submitProof", id, yield* proofOf(bed, id))
    }),
  )

  it.effect("refuses for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const submit = (id: string, proof: string, from = bed.host) =>
        Effect.suspend(() => reasonOf(bed.send(from, "submitProof", id, proof)))
      const offer = yield* bed.offered(yield* bed.requested(kept))
      const selected = yield* bed.selected(kept)
      for (const id of [unknown, offer.id, selected.id])
        assert.strictEqual(yield* submit(id, "0x", bed.client), "Contract not started")
      const { id } = yield* bed.started(kept)
      yield* nextPeriod(bed)
      yield* bed.send(bed.host, "submitProof", id, yield* proofOf(bed, id))
      assert.strictEqual(yield* submit(id, "0x", bed.client), "Only host can call this function")
      assert.strictEqual(yield* submit(id, "0x"), "Invalid proof")
      assert.strictEqual(yield* submit(id, yield* proofOf(bed, id)), "Proof already submitted")
    }),
  )
})

layer(OfferBed.layer({ verifier: "MerkleProofVerifier" }))("requestStorage", (it) => {
  it.effect("refuses sizes of which the verifier could not check a proof, after all other reasons", () =>
    onOfferBed(function* (bed) {
      const post = Effect.fnUntraced(function* (fields: Parameters<typeof bed.newRequest>[0]) {
        return yield* reasonOf(bed.send(bed.client, "requestStorage", (yield* bed.newRequest(fields)).request))
      })
      assert.strictEqual(yield* post({ size: 0n, proofProbability: 2n ** 64n }), "Invalid proof probability")
      for (const size of [0n, 1n, 65_535n, 65_537n, 2n ** 256n - 1n])
        assert.strictEqual(yield* post({ size, maxPrice: 2n ** 100n }), "Invalid proof parameters")
      yield* bed.requested({ size: 65_536n })
    }),
  )
})

const areDue = Effect.fnUntraced(function* (bed: BedShape, id: string) {
  const [isRequired, willBe] = [yield* bed.view("isProofRequired", id), yield* bed.view("willProofBeRequired", id)]
  assert.isFalse(isRequired === true && willBe === true)
  return isRequired === true || willBe === true
})

layer(OfferBed.layer({ config: strict }))("proofs are due", (it) => {
  for (const proofProbability of [0n, 1n])
    it.effect(
      `in each period between those of the start and of the end, with a probability of ${proofProbability} (hole: division by zero)`,
      () =>
        onOfferBed(function* (bed) {
          const { id } = yield* bed.selected({ proofProbability, duration: 38n })
          assert.isFalse(yield* areDue(bed, id))
          yield* nextPeriod(bed)
          yield* bed.send(bed.host, "startContract", id)
          const start = yield* bed.now
          const ends = start + 38n
          assert.isFalse(yield* areDue(bed, id))
          for (let period = start / 10n + 1n; period < ends / 10n; period++) {
            yield* bed.goTo(period * 10n)
            assert.isTrue(yield* areDue(bed, id))
            yield* bed.goTo(period * 10n + 9n)
            assert.isTrue(yield* areDue(bed, id))
          }
          for (const time of [(ends / 10n) * 10n, ends, ends + 1n, ends + 10n]) {
            yield* bed.goTo(time)
            assert.isFalse(yield* areDue(bed, id))
          }
        }),
    )

  it.effect("no longer when the contract failed, and for nothing unknown", () =>
    onOfferBed(function* (bed) {
      assert.isFalse(yield* areDue(bed, unknown))
      const made = yield* bed.started(always)
      yield* nextPeriod(bed)
      assert.isTrue(yield* areDue(bed, made.id))
      yield* bed.miss(made)
      assert.isFalse(yield* areDue(bed, made.id))
      yield* nextPeriod(bed)
      assert.isFalse(yield* areDue(bed, made.id))
    }),
  )
})

const mark = (bed: BedShape, id: string, period: bigint) => bed.send(bed.stranger, "markProofAsMissing", id, period)

layer(OfferBed.layer())("markProofAsMissing", (it) => {
  it.effect("counts a miss, and slashes at every third, with a fifth of it for the marker", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.started(always)
      for (const [missed, collateral] of [
        [1n, 100n],
        [2n, 100n],
        [3n, 90n],
        [4n, 90n],
      ]) {
        assert.deepStrictEqual(yield* bed.miss(made), [])
        assert.strictEqual(yield* bed.count("missingProofs", made.id), missed)
        assert.strictEqual(yield* bed.count("balanceOf", bed.host), collateral)
      }
      assert.strictEqual(yield* bed.count("balanceOf", bed.stranger), 2n)
    }),
  )

  it.effect("refuses contracts that do not run", () =>
    onOfferBed(function* (bed) {
      const offer = yield* bed.offered(yield* bed.requested(always))
      const selected = yield* bed.selected(always)
      const made = yield* bed.started({ ...always, duration: 3000n })
      yield* bed.goTo(made.start + 2960n)
      const period = yield* proofMissed(bed, made.id)
      for (const id of [unknown, offer.id, selected.id])
        assert.strictEqual(yield* reasonOf(mark(bed, id, period)), "Slot not accepting proofs")
      yield* bed.goTo(made.start + 3001n)
      const last = (made.start + 3000n) / 10n - 1n
      assert.strictEqual(yield* reasonOf(mark(bed, made.id, last)), "Slot not accepting proofs")
      yield* bed.finish(made)
      assert.strictEqual(yield* reasonOf(mark(bed, made.id, last)), "Slot not accepting proofs")
    }),
  )

  it.effect("refuses for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const { id, start } = yield* bed.started(always)
      const { end, period } = yield* upcoming(bed)
      yield* bed.at(end)
      assert.strictEqual(yield* reasonOf(mark(bed, id, period)), "Period has not ended yet")
      yield* bed.at(end + 5n)
      assert.strictEqual(yield* reasonOf(mark(bed, id, start / 10n)), "Validation timed out")
      const next = yield* upcoming(bed)
      yield* bed.at(next.end - 10n)
      yield* bed.send(bed.host, "submitProof", id, "0x01")
      yield* bed.at(next.end + 1n)
      assert.strictEqual(yield* reasonOf(mark(bed, id, next.period)), "Proof was submitted, not missing")
      const early = yield* proofMissed(bed, id, { inDowntime: true })
      assert.strictEqual(yield* reasonOf(mark(bed, id, early)), "Proof was not required")
      const missed = yield* proofMissed(bed, id)
      yield* mark(bed, id, missed)
      assert.strictEqual(yield* reasonOf(mark(bed, id, missed)), "Proof already marked as missing")
    }),
  )

  it.effect("refuses the period in which the contract started", () =>
    onOfferBed(function* (bed) {
      const { id } = yield* bed.selected(always)
      const first = yield* upcoming(bed)
      yield* bed.at(first.end - 10n)
      yield* bed.send(bed.host, "startContract", id)
      yield* bed.at(first.end + 1n)
      assert.strictEqual(yield* reasonOf(mark(bed, id, first.period)), "Proof was not required")
    }),
  )
})

/** A contract of which the host lost too much, with what it stored. */
const failed = Effect.fnUntraced(function* (bed: BedShape) {
  const made = yield* bed.started({ ...always, maxPrice: 1_000_003n }, { price: 999_983n })
  yield* bed.goTo(made.start + 4000n)
  const logs = yield* bed.miss(made)
  assert.deepStrictEqual(logs, [{ name: "ContractFailed", args: [made.id] }])
  const failedAt = yield* bed.now
  return { ...made, failedAt, share: (999_983n * (failedAt - made.start)) / 10_000n }
})

layer(OfferBed.layer({ config: strict }))("a contract whose host lost too much (hole: misses without an end)", (it) => {
  it.effect("fails, ends then, and pays the host for the time stored at once, for anyone, once", () =>
    onOfferBed(function* (bed) {
      const made = yield* failed(bed)
      assert.strictEqual(yield* bed.state(made), "Failed")
      assert.strictEqual(yield* bed.count("proofEnd", made.id), made.failedAt)
      yield* bed.devnet.rpc("anvil_setBlockTimestampInterval", [0])
      const before = yield* bed.tokens(bed.host)
      assert.deepStrictEqual(names(yield* bed.finish(made)), ["Transfer"])
      assert.strictEqual(yield* bed.now, made.failedAt)
      yield* bed.devnet.rpc("anvil_setBlockTimestampInterval", [1])
      assert.strictEqual(yield* bed.tokens(bed.host), before + made.share)
      assert.strictEqual(yield* bed.state(made), "Failed")
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Contract not started")
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "startContract", made.id)), "Proof id already in use")
    }),
  )

  it.effect("pays the rest to the client without waiting, once, before or after the host", () =>
    onOfferBed(function* (bed) {
      for (const hostFirst of [true, false]) {
        yield* bed.devnet.isolated(
          Effect.gen(function* () {
            const made = yield* failed(bed)
            if (hostFirst) yield* bed.finish(made)
            assert.strictEqual(yield* gain(bed, bed.client, bed.refund(made)), 999_983n - made.share)
            assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
            if (!hostFirst) assert.strictEqual(yield* gain(bed, bed.host, bed.finish(made)), made.share)
            yield* bed.send(bed.host, "withdraw")
            yield* bed.send(bed.otherHost, "withdraw")
            assert.strictEqual(yield* bed.count("balanceOf", bed.stranger), 14n)
            assert.strictEqual(yield* bed.tokens(bed.address), 14n + 56n, "the marker's and what was burnt")
          }),
        )
      }
    }),
  )

  it.effect("can be proven by its host still, and is not marked any more", () =>
    onOfferBed(function* (bed) {
      const { id } = yield* failed(bed)
      yield* nextPeriod(bed)
      yield* bed.send(bed.host, "submitProof", id, "0x01")
      const period = yield* proofMissed(bed, id)
      assert.strictEqual(yield* reasonOf(mark(bed, id, period)), "Slot not accepting proofs")
    }),
  )
})
