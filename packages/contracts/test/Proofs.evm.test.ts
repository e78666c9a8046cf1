import { assert, layer } from "@effect/vitest"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { AbiCoder, keccak256 } from "ethers"
import { Bed, onBed, reasonOf, referenceConfig } from "./Bed.ts"
import { slotId } from "./TestRequest.ts"

// Periods so long that hundreds of blocks fit into one.
const hours = new MarketplaceConfig({
  ...referenceConfig,
  proofs: { ...referenceConfig.proofs, period: 3600n, timeout: 60n },
})
const days = { duration: 864_000n, reward: 1n }
const unknown = `0x${"77".repeat(32)}`

const pointerAt = (blockNumber: bigint, period: bigint, id: string) =>
  (blockNumber + BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [id, period])))) % 256n

/** The challenge that the interface describes, from the hashes of the chain. */
const challengeAt = Effect.fnUntraced(function* (bed: Bed["Service"], blockNumber: bigint, pointer: bigint) {
  const { hash } = yield* bed.block(`0x${(blockNumber - 1n - pointer).toString(16)}`)
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32"], [hash]))
})

/** Mines into the first second of the next period. */
const nextPeriod = Effect.fnUntraced(function* (bed: Bed["Service"]) {
  const { period } = bed.config.proofs
  yield* bed.goTo(((yield* bed.now) / period + 1n) * period)
})

/** Mines until the pointer of the slot is at `target`. */
const turnPointer = Effect.fnUntraced(function* (bed: Bed["Service"], slot: string, target: bigint) {
  const blocks = (target - (yield* bed.count("getPointer", slot)) + 256n) % 256n
  if (blocks > 0n) yield* bed.devnet.mine(Number(blocks))
  assert.strictEqual(yield* bed.view("getPointer", slot), target)
})

layer(Bed.layer())("submitProof", (it) => {
  it.effect("announces the proof of the slot's host, whether or not one is due", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* nextPeriod(bed)
      const logs = yield* bed.send(bed.host, "submitProof", made.slot, "0x1234")
      assert.deepStrictEqual(logs, [{ name: "ProofSubmitted", args: [made.slot, "0x1234"] }])
    }),
  )

  it.effect("is refused to all but the slot's host (hole 6: proofs by anyone)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* nextPeriod(bed)
      for (const account of [bed.otherHost, bed.client, bed.stranger]) {
        const foreign = bed.send(account, "submitProof", made.slot, "0x01")
        assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
      }
      for (const slot of [unknown, made.slots[1]])
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", slot, "0x01")), "Slot is free")
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", made.slot, "0x01")), "Slot is free")
    }),
  )

  it.effect("refuses an empty proof", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* nextPeriod(bed)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", made.slot, "0x")), "Invalid proof")
    }),
  )

  it.effect("takes one proof per slot and period, of which the filling brings the first", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* nextPeriod(bed)
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.fill(bed.host, made, 1n)
      const again = bed.send(bed.host, "submitProof", made.slot, "0x02")
      assert.strictEqual(yield* reasonOf(again), "Proof already submitted")
      yield* nextPeriod(bed)
      yield* again
      assert.strictEqual(yield* reasonOf(again), "Proof already submitted")
      yield* bed.send(bed.host, "submitProof", made.slots[1], "0x02")
      yield* nextPeriod(bed)
      yield* again
    }),
  )

  it.effect("checks in order: filled, by the caller, proof, not yet in", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* nextPeriod(bed)
      yield* bed.fill(bed.host, made)
      assert.strictEqual(yield* reasonOf(bed.send(bed.stranger, "submitProof", unknown, "0x")), "Slot is free")
      const foreign = bed.send(bed.stranger, "submitProof", made.slot, "0x")
      assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "submitProof", made.slot, "0x")), "Invalid proof")
    }),
  )

  it.effect("is open to the slot's host in any state, after the payout too", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ slots: 2n })
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "submitProof", made.slot, "0x01")
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.send(bed.host, "submitProof", made.slots[1], "0x01")
      assert.strictEqual(yield* bed.slotState(made.slots[1]), "Paid")
    }),
  )
})

layer(Bed.layer({ config: hours }))("the pointer and the challenge", (it) => {
  it.effect("the pointer is block number plus a hash of id and period, modulo 256, and rises by one per block", () =>
    onBed(function* (bed) {
      yield* nextPeriod(bed)
      for (let i = 0; i < 260; i++) {
        const { number, timestamp } = yield* bed.head
        assert.strictEqual(yield* bed.view("getPointer", unknown), pointerAt(number, timestamp / 3600n, unknown))
        yield* bed.devnet.mine()
      }
    }),
  )

  it.effect("the pointer does not stay in the downtime at 255 blocks a period (hole 8: pointer in the downtime)", () =>
    onBed(function* (bed) {
      yield* nextPeriod(bed)
      yield* turnPointer(bed, unknown, 10n)
      // a pointer that rises by one with each block and each period would now stand still
      const pointers: Array<bigint> = []
      for (let period = 0; period < 12; period++) {
        yield* bed.devnet.mine(254)
        yield* nextPeriod(bed)
        pointers.push(yield* bed.count("getPointer", unknown))
      }
      assert.isAbove(new Set(pointers).size, 8, pointers.join())
      assert.isTrue(
        pointers.some((pointer) => pointer >= 64n),
        pointers.join(),
      )
    }),
  )

  it.effect("the challenge names the same block until the pointer wraps", () =>
    onBed(function* (bed) {
      yield* nextPeriod(bed)
      yield* turnPointer(bed, unknown, 0n)
      const { number } = yield* bed.head
      const challenge = yield* challengeAt(bed, number, 0n)
      for (const pointer of [0n, 1n, 100n, 255n]) {
        yield* turnPointer(bed, unknown, pointer)
        assert.strictEqual(yield* bed.view("getChallenge", unknown), challenge)
      }
      yield* turnPointer(bed, unknown, 0n)
      assert.strictEqual(yield* bed.view("getChallenge", unknown), yield* challengeAt(bed, number + 256n, 0n))
      assert.notStrictEqual(yield* bed.view("getChallenge", unknown), challenge)
    }),
  )
})

const required = Effect.fnUntraced(function* (bed: Bed["Service"], slot: string) {
  return [yield* bed.view("isProofRequired", slot), yield* bed.view("willProofBeRequired", slot)]
})

layer(Bed.layer({ config: hours }))("whether a proof is due", (it) => {
  it.effect("never in the period in which the slot was filled", () =>
    onBed(function* (bed) {
      yield* nextPeriod(bed)
      const { slot } = yield* bed.started({ ...days, proofProbability: 1n })
      for (const pointer of [0n, 63n, 64n, 255n]) {
        yield* turnPointer(bed, slot, pointer)
        assert.deepStrictEqual(yield* required(bed, slot), [false, false])
      }
    }),
  )

  it.effect("during the downtime it only will be, and afterwards it is", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started({ ...days, proofProbability: 1n })
      yield* nextPeriod(bed)
      for (const [pointer, { isDue }] of [
        [0n, { isDue: false }],
        [63n, { isDue: false }],
        [64n, { isDue: true }],
        [255n, { isDue: true }],
      ] as const) {
        yield* turnPointer(bed, slot, pointer)
        assert.deepStrictEqual(yield* required(bed, slot), [isDue, !isDue])
      }
    }),
  )

  it.effect("not for ids that nobody knows, nor for slots that are free", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started({ ...days, proofProbability: 1n })
      yield* nextPeriod(bed)
      yield* bed.send(bed.host, "freeSlot", slot)
      for (const id of [unknown, slot])
        for (const pointer of [0n, 64n]) {
          yield* turnPointer(bed, id, pointer)
          assert.deepStrictEqual(yield* required(bed, id), [false, false])
        }
    }),
  )

  it.effect("not once the request has finished, failed or been cancelled", () =>
    onBed(function* (bed) {
      const cancelled = yield* bed.requested({ ...days, proofProbability: 1n })
      yield* bed.fill(bed.host, cancelled)
      const finished = yield* bed.started({ duration: 3600n, proofProbability: 1n })
      const failed = yield* bed.started({ ...days, proofProbability: 1n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      yield* nextPeriod(bed)
      yield* nextPeriod(bed)
      for (const { slot } of [cancelled, finished, failed]) {
        yield* turnPointer(bed, slot, 64n)
        assert.deepStrictEqual(yield* required(bed, slot), [false, false])
      }
    }),
  )

  it.effect("always for a probability of nought, one or, with a downtime of a quarter, two", () =>
    onBed(function* (bed) {
      for (const proofProbability of [0n, 1n, 2n]) {
        const { slots } = yield* bed.started({ ...days, proofProbability })
        yield* nextPeriod(bed)
        for (const slot of slots) {
          yield* turnPointer(bed, slot, 200n)
          assert.deepStrictEqual(yield* required(bed, slot), [true, false])
        }
      }
    }),
  )

  it.effect("where the challenge is a multiple of three quarters of the probability", () =>
    onBed(function* (bed) {
      const four = yield* bed.started({ ...days, proofProbability: 4n })
      const ten = yield* bed.started({ ...days, proofProbability: 10n })
      yield* nextPeriod(bed)
      const seen = new Set<string>()
      for (let i = 0; i < 12; i++) {
        yield* bed.devnet.mine(97)
        for (const [odds, { slots }] of [[3n, four] as const, [7n, ten] as const])
          for (const slot of slots) {
            const { number, timestamp } = yield* bed.head
            const pointer = pointerAt(number, timestamp / 3600n, slot)
            const drawn = BigInt(yield* challengeAt(bed, number, pointer)) % odds === 0n
            const expected = [drawn && pointer >= 64n, drawn && pointer < 64n]
            assert.deepStrictEqual(yield* required(bed, slot), expected)
            seen.add(expected.join())
          }
      }
      assert.strictEqual(seen.size, 3)
    }),
  )

  it.effect("about once in so many periods", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.started({ ...days, slots: 64n, proofProbability: 4n })
      yield* nextPeriod(bed)
      let due = 0
      for (let round = 0; round < 4; round++) {
        yield* bed.devnet.mine(256)
        for (let index = 0n; index < 64n; index++) if (yield* bed.view("isProofRequired", slotId(id, index))) due++
      }
      // 256 samples of probability 1/4: four standard deviations about 64
      assert.isTrue(due > 36 && due < 92, `${due} of 256`)
    }),
  )

  it.effect("next to never for the lowest probability that there is, which leaves room for the downtime", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started({ ...days, proofProbability: 2n ** 64n - 1n })
      yield* nextPeriod(bed)
      for (const pointer of [0n, 64n, 255n]) {
        yield* turnPointer(bed, slot, pointer)
        assert.deepStrictEqual(yield* required(bed, slot), [false, false])
      }
    }),
  )
})
