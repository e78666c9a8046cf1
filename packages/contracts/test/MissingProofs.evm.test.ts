import { assert, layer } from "@effect/vitest"
import { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { ZeroAddress } from "ethers"
import { Bed, names, onBed, reasonOf, referenceConfig } from "./Bed.ts"
import { proofMissed, upcoming } from "./missedProof.ts"

const always = { duration: 864_000n, proofProbability: 1n }

const mark = (bed: Bed["Service"], slot: string, period: bigint, marker = bed.stranger) =>
  bed.send(marker, "markProofAsMissing", slot, period)

const miss = Effect.fnUntraced(function* (bed: Bed["Service"], slot: string, marker?: string) {
  return yield* mark(bed, slot, yield* proofMissed(bed, slot), marker)
})

/** So many misses, each of them marked. */
const missAll = Effect.fnUntraced(function* (bed: Bed["Service"], slot: string, misses: number, marker?: string) {
  for (let missed = 0; missed < misses; missed++) yield* miss(bed, slot, marker)
})

layer(Bed.layer())("markProofAsMissing", (it) => {
  it.effect(
    "counts a proof that was due and did not come, for anyone, without an event; a miss that does not slash brings nothing",
    () =>
      onBed(function* (bed) {
        const { slot } = yield* bed.started(always)
        assert.strictEqual(yield* bed.view("missingProofs", slot), 0n)
        assert.deepStrictEqual(yield* miss(bed, slot), [])
        assert.deepStrictEqual(yield* miss(bed, slot), [])
        assert.strictEqual(yield* bed.view("missingProofs", slot), 2n)
        assert.strictEqual(yield* bed.view("balanceOf", bed.host), 100n)
        assert.strictEqual(yield* bed.view("balanceOf", bed.stranger), 0n)
        assert.strictEqual(yield* bed.tokens(bed.stranger), 0n)
      }),
  )

  it.effect("refuses a slot that is not filled", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ ...always, duration: 3600n, maxSlotLoss: 1n })
      const failed = yield* bed.started({ ...always, maxSlotLoss: 0n })
      const cancelled = yield* bed.requested(always)
      yield* bed.fill(bed.host, cancelled)
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slots[2])
      const period = yield* proofMissed(bed, made.slot)
      const states = { Free: made.slots[1], Paid: made.slots[2], Finished: made.slot, Failed: failed.slot }
      for (const [state, slot] of Object.entries(states)) {
        assert.strictEqual(yield* bed.slotState(slot), state)
        assert.strictEqual(yield* reasonOf(mark(bed, slot, period)), "Slot not accepting proofs")
      }
      assert.strictEqual(yield* reasonOf(mark(bed, cancelled.slot, period)), "Slot not accepting proofs")
    }),
  )

  it.effect("refuses a slot that was freed while its request goes on", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started(always)
      yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.requestState(id), "Started")
      const period = yield* proofMissed(bed, slot)
      assert.strictEqual(yield* reasonOf(mark(bed, slot, period)), "Slot not accepting proofs")
    }),
  )

  it.effect("refuses a period until the second after its end", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started(always)
      const { end, period } = yield* upcoming(bed)
      yield* bed.at(end)
      assert.strictEqual(yield* reasonOf(mark(bed, slot, period)), "Period has not ended yet")
      yield* bed.at(end + 1n)
      const next = mark(bed, slot, period + 1n)
      assert.strictEqual(yield* reasonOf(next), "Period has not ended yet")
    }),
  )

  it.effect("refuses a period once the timeout has passed, and not a second before", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started(always)
      const late = yield* proofMissed(bed, slot, { delay: 5n })
      assert.strictEqual(yield* reasonOf(mark(bed, slot, late)), "Validation timed out")
      assert.strictEqual(yield* reasonOf(mark(bed, slot, late - 100n)), "Validation timed out")
      yield* mark(bed, slot, yield* proofMissed(bed, slot, { delay: 4n }))
      assert.strictEqual(yield* bed.view("missingProofs", slot), 1n)
    }),
  )

  it.effect("refuses a period in which a proof was submitted", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started(always)
      const { end, period } = yield* upcoming(bed)
      yield* bed.at(end - 1n)
      yield* bed.send(bed.host, "submitProof", slot, "0x01")
      yield* bed.at(end + 1n)
      assert.strictEqual(yield* reasonOf(mark(bed, slot, period)), "Proof was submitted, not missing")
    }),
  )

  it.effect("refuses a period before the slot was filled, the one in which it was, and one in the downtime", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested(always)
      const { end, period } = yield* upcoming(bed)
      yield* bed.at(end)
      yield* bed.fill(bed.host, made)
      yield* bed.at(end + 1n)
      assert.strictEqual(yield* reasonOf(mark(bed, made.slot, period)), "Proof was not required")
      yield* bed.at(end + 11n)
      assert.strictEqual(yield* reasonOf(mark(bed, made.slot, period + 1n)), "Proof was submitted, not missing")

      const quiet = yield* proofMissed(bed, made.slot, { inDowntime: true })
      assert.strictEqual(yield* reasonOf(mark(bed, made.slot, quiet)), "Proof was not required")
    }),
  )

  it.effect("refuses to count the same proof twice", () =>
    onBed(function* (bed) {
      const { slot } = yield* bed.started(always)
      const period = yield* proofMissed(bed, slot)
      yield* mark(bed, slot, period)
      assert.strictEqual(yield* reasonOf(mark(bed, slot, period)), "Proof already marked as missing")
      assert.strictEqual(yield* bed.view("missingProofs", slot), 1n)
    }),
  )
})

layer(Bed.layer())("slashing", (it) => {
  it.effect("takes a tenth of what is left at every third miss, and the slot at the thirtieth", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      let collateral = 100n
      const seen: Array<bigint> = []
      for (let misses = 1; misses <= 30; misses++) {
        assert.strictEqual(yield* bed.slotState(made.slot), "Filled")
        const logs = yield* miss(bed, made.slot)
        assert.deepStrictEqual(names(logs), misses === 30 ? ["SlotFreed"] : [])
        if (misses % 3 === 0) seen.push(yield* bed.count("balanceOf", bed.host))
        else assert.strictEqual(yield* bed.view("balanceOf", bed.host), collateral)
        collateral = seen.at(-1) ?? collateral
      }
      assert.deepStrictEqual(seen, [90n, 81n, 73n, 66n, 60n, 54n, 49n, 45n, 41n, 37n])
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
      assert.strictEqual(yield* bed.slotState(made.slots[1]), "Filled")
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      assert.strictEqual(yield* bed.view("balanceOf", bed.otherHost), 100n)
    }),
  )

  it.effect("counts anew for the next host, who is slashed for its own misses alone (hole 5: inherited misses)", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* missAll(bed, made.slot, 2)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      yield* bed.goTo((yield* bed.now) + 10n)
      yield* bed.fill(bed.otherHost, made)
      assert.strictEqual(yield* bed.view("missingProofs", made.slot), 0n)
      yield* missAll(bed, made.slot, 2)
      assert.strictEqual(yield* bed.view("missingProofs", made.slot), 2n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.otherHost), 100n)
      yield* miss(bed, made.slot)
      assert.strictEqual(yield* bed.view("balanceOf", bed.otherHost), 90n)
    }),
  )

  it.effect("does not hold a period against a host that took the slot after it", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      const period = yield* proofMissed(bed, made.slot)
      yield* mark(bed, made.slot, period)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      yield* bed.fill(bed.otherHost, made)
      assert.strictEqual(yield* reasonOf(mark(bed, made.slot, period)), "Proof was not required")
    }),
  )

  it.effect("gives a fifth of what is slashed to the marker; the rest is burnt (hole 3: slashed collateral)", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ ...always, reward: 0n })
      yield* bed.send(bed.host, "deposit", 900n)
      const before = yield* bed.tokens(bed.marketplace)
      yield* missAll(bed, made.slot, 3)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 900n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.stranger), 20n)
      assert.strictEqual(yield* bed.view("balanceOf", ZeroAddress), 0n)
      for (const slot of made.slots) yield* bed.send(bed.host, "freeSlot", slot)
      for (const account of [bed.host, bed.otherHost, bed.stranger]) yield* bed.send(account, "withdraw")
      assert.strictEqual(before, 1100n)
      assert.strictEqual(yield* bed.tokens(bed.stranger), 20n)
      assert.strictEqual(yield* bed.tokens(bed.marketplace), 80n)
    }),
  )

  it.effect("rounds down both what is slashed and what the marker gets", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* bed.send(bed.host, "deposit", 99n)
      yield* missAll(bed, made.slot, 3)
      // 199 less 19; of 19, three
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 180n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.stranger), 3n)
    }),
  )

  it.effect("gives a host nothing for marking its own miss", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* missAll(bed, made.slot, 3, bed.host)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 90n)
    }),
  )

  it.effect("gives another host its part, which counts as its collateral", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* missAll(bed, made.slot, 3, bed.otherHost)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 90n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.otherHost), 102n)
    }),
  )
})

const owner = Address.make(`0x${"7e".repeat(20)}`)
const treasury = (markerPercentage: bigint, to = owner) =>
  ({
    contract: "Marketplace",
    verifier: "TestVerifier",
    options: new MarketplaceOptions({ treasury: to, markerPercentage, collateralPerSlot: false }),
  }) as const

layer(Bed.layer(treasury(30n)))("hole 3: slashed collateral has an owner", (it) => {
  it.effect("the marker gets its part, the treasury the rest, and both can withdraw it", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ ...always, reward: 0n })
      yield* missAll(bed, made.slot, 6)
      // 10 and 9: 3 and 2 of these are the marker's
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 81n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.stranger), 5n)
      assert.strictEqual(yield* bed.view("balanceOf", owner), 14n)
      for (const slot of made.slots) yield* bed.send(bed.host, "freeSlot", slot)
      yield* bed.devnet.rpc("anvil_setBalance", [owner, "0xde0b6b3a7640000"])
      for (const account of [bed.host, bed.otherHost, bed.stranger, owner]) yield* bed.send(account, "withdraw")
      assert.strictEqual(yield* bed.tokens(owner), 14n)
      assert.strictEqual(yield* bed.tokens(bed.stranger), 5n)
      assert.strictEqual(yield* bed.tokens(bed.marketplace), 0n)
    }),
  )

  it.effect("all goes to the treasury when a host marks its own miss", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* missAll(bed, made.slot, 3, bed.host)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 90n)
      assert.strictEqual(yield* bed.view("balanceOf", owner), 10n)
    }),
  )

  it.effect("a treasury that marks gets both parts", () =>
    onBed(function* (bed) {
      const made = yield* bed.started(always)
      yield* bed.devnet.rpc("anvil_setBalance", [owner, "0xde0b6b3a7640000"])
      yield* missAll(bed, made.slot, 3, owner)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 90n)
      assert.strictEqual(yield* bed.view("balanceOf", owner), 10n)
    }),
  )
})

for (const [percentage, marker, rest] of [
  [0n, 0n, 10n],
  [100n, 10n, 0n],
] as const)
  layer(Bed.layer(treasury(percentage)))(`with ${percentage} per cent for the marker`, (it) => {
    it.effect("the treasury gets what is left", () =>
      onBed(function* (bed) {
        const made = yield* bed.started(always)
        yield* missAll(bed, made.slot, 3)
        assert.strictEqual(yield* bed.view("balanceOf", bed.stranger), marker)
        assert.strictEqual(yield* bed.view("balanceOf", owner), rest)
      }),
    )
  })

const strict = new MarketplaceConfig({
  ...referenceConfig,
  collateral: { ...referenceConfig.collateral, slashCriterion: 1n, slashPercentage: 60n },
})

layer(Bed.layer({ config: strict }))("slashing below the minimum", (it) => {
  it.effect("frees the slot, but not at the minimum; it fails the request when that was one slot too many", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ ...always, maxSlotLoss: 0n })
      assert.deepStrictEqual(names(yield* miss(bed, made.slot)), [])
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 40n)
      assert.deepStrictEqual(names(yield* miss(bed, made.slot)), ["SlotFreed", "RequestFailed"])
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 16n)
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
      assert.strictEqual(yield* bed.slotState(made.slots[1]), "Failed")
    }),
  )
})
