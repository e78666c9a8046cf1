import { assert, layer } from "@effect/vitest"
import { MaxUint256, ZeroAddress } from "ethers"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"

layer(Bed.layer())("fillSlot", (it) => {
  it.effect("announces the proof, then the slot; the last slot starts the request", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ slots: 2n })
      const first = yield* bed.fill(bed.host, made, 0n, "0xabcd")
      assert.deepStrictEqual(first, [
        { name: "ProofSubmitted", args: [made.slots[0], "0xabcd"] },
        { name: "SlotFilled", args: [made.id, 0n, made.slots[0]] },
      ])
      const last = yield* bed.fill(bed.otherHost, made, 1n)
      assert.deepStrictEqual(names(last), ["ProofSubmitted", "SlotFilled", "RequestFulfilled"])
      assert.deepStrictEqual(last[2]?.args, [made.id])
    }),
  )

  it.effect("puts the slot into the caller's hands", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made, 1n)
      const slot = made.slots[1]
      assert.strictEqual(yield* bed.hostOf(slot), bed.host)
      const [request, index] = yield* bed.answers("getActiveSlot", slot)
      assert.deepEqual([request, index], [yield* bed.view("getRequest", made.id), 1n])
      assert.deepStrictEqual(yield* bed.list(bed.host, "mySlots"), [slot])
      assert.deepStrictEqual(yield* bed.list(bed.client, "mySlots"), [])
    }),
  )

  it.effect("refuses an unknown request, and a slot that the request has not", () =>
    onBed(function* (bed) {
      const unknown = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, unknown)), "Unknown request")
      const made = yield* bed.requested()
      for (const index of [4n, 65_536n, 2n ** 64n, MaxUint256])
        assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, index)), "Invalid slot")
    }),
  )

  it.effect("refuses a slot that is filled", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made)), "Slot is not free")
    }),
  )

  it.effect("refuses a slot of a cancelled request, although one that nobody filled reads as free", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.goTo(made.request.expiry + 1n)
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made)), "Slot is not free")
    }),
  )

  it.effect("refuses a slot of a failed request", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made)), "Slot is not free")
    }),
  )

  it.effect("refuses a slot of a finished request, and one that was paid", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      for (const index of [0n, 1n])
        assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made, index)), "Slot is not free")
    }),
  )

  it.effect("refuses a host with too little collateral", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fund(bed.stranger, 99n)
      yield* bed.send(bed.stranger, "deposit", 99n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, made)), "Insufficient collateral")
    }),
  )

  it.effect("takes one deposit for any number of slots, unless the market wants one for each (hole 4)", () =>
    onBed(function* (bed) {
      yield* bed.started()
      yield* bed.started()
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 100n)
      assert.strictEqual((yield* bed.list(bed.host, "mySlots")).length, 8)
    }),
  )

  it.effect("refuses an empty proof", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 0n, "0x")), "Invalid proof")
    }),
  )

  it.effect("refuses a slot whose last host took it or proved it in this same period", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const period = ((yield* bed.now) / 10n + 1n) * 10n
      yield* bed.at(period)
      yield* bed.fill(bed.host, made)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      yield* bed.at(period + 9n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made)), "Proof already submitted")
      yield* bed.at(period + 10n)
      yield* bed.fill(bed.otherHost, made)

      yield* bed.at(period + 20n)
      yield* bed.send(bed.otherHost, "submitProof", made.slot, "0x01")
      yield* bed.send(bed.otherHost, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made)), "Proof already submitted")
      yield* bed.at(period + 30n)
      yield* bed.fill(bed.host, made)
    }),
  )

  it.effect("is not kept from anyone by proofs of others (hole 6: proofs by anyone)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const period = ((yield* bed.now) / 10n + 1n) * 10n
      yield* bed.at(period)
      assert.strictEqual(yield* reasonOf(bed.send(bed.stranger, "submitProof", made.slot, "0x01")), "Slot is free")
      yield* bed.at(period + 1n)
      yield* bed.fill(bed.host, made)
    }),
  )

  it.effect("checks in order: request, slot, state, collateral, proof", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const period = ((yield* bed.now) / 10n + 1n) * 10n
      yield* bed.goTo(period)
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.fill(bed.host, made, 1n)
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, yield* bed.newRequest(), 9n)), "Unknown request")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, made, 9n, "0x")), "Invalid slot")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, made, 0n, "0x")), "Slot is not free")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.stranger, made, 1n, "0x")), "Insufficient collateral")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made, 1n, "0x")), "Invalid proof")
      assert.strictEqual(yield* reasonOf(bed.fill(bed.otherHost, made, 1n)), "Proof already submitted")
    }),
  )

  it.effect("announces the start again when the last freed slot is refilled", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      yield* bed.goTo((yield* bed.now) + 10n)
      const logs = yield* bed.fill(bed.otherHost, made)
      assert.deepStrictEqual(names(logs), ["ProofSubmitted", "SlotFilled", "RequestFulfilled"])
      assert.strictEqual(yield* bed.hostOf(made.slot), bed.otherHost)
    }),
  )
})

layer(Bed.layer())("the state of a slot", (it) => {
  it.effect("is Free before it is filled, and so is that of an id that nobody knows", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
      assert.strictEqual(yield* bed.slotState(`0x${"77".repeat(32)}`), "Free")
      assert.strictEqual(yield* bed.view("getHost", made.slot), ZeroAddress)
      assert.strictEqual(yield* reasonOf(bed.view("getActiveSlot", made.slot)), "Slot is free")
    }),
  )

  it.effect("Free to Filled: fillSlot", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      assert.strictEqual(yield* bed.slotState(made.slot), "Filled")
    }),
  )

  it.effect("Filled to Free: freeSlot by the host", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
      assert.strictEqual(yield* bed.slotState(made.slots[1]), "Filled")
    }),
  )

  it.effect("Filled to Finished: the request is cancelled or finished", () =>
    onBed(function* (bed) {
      const cancelled = yield* bed.requested()
      yield* bed.fill(bed.host, cancelled)
      yield* bed.goTo(cancelled.request.expiry + 1n)
      assert.strictEqual(yield* bed.slotState(cancelled.slot), "Finished")
      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      assert.strictEqual(yield* bed.slotState(cancelled.slot), "Finished")

      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.strictEqual(yield* bed.slotState(made.slot), "Finished")
    }),
  )

  it.effect("Filled to Failed: the request has failed", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      assert.strictEqual(yield* bed.slotState(made.slot), "Failed")
      assert.strictEqual(yield* bed.slotState(made.slots[1]), "Free")
    }),
  )

  it.effect("Finished or Failed to Paid: freeSlot by the host; the slot is still on record", () =>
    onBed(function* (bed) {
      const failed = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      const cancelled = yield* bed.requested()
      yield* bed.fill(bed.host, cancelled)
      const finished = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      for (const { slot } of [failed, cancelled, finished]) {
        yield* bed.send(bed.host, "freeSlot", slot)
        assert.strictEqual(yield* bed.slotState(slot), "Paid")
        assert.strictEqual((yield* bed.answers("getActiveSlot", slot))[1], 0n)
        assert.strictEqual(yield* bed.hostOf(slot), bed.host)
      }
      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      assert.strictEqual(yield* bed.slotState(cancelled.slot), "Paid")
    }),
  )
})

layer(Bed.layer())("freeSlot", (it) => {
  it.effect("refuses a slot that nobody keeps, and one that another keeps", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "freeSlot", made.slot)), "Slot is free")
      yield* bed.fill(bed.host, made)
      const foreign = bed.send(bed.otherHost, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
    }),
  )

  it.effect("gives a slot up before the end, with neither pay nor penalty", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      const before = yield* bed.tokens(bed.host)
      const logs = yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.deepStrictEqual(logs, [{ name: "SlotFreed", args: [made.id, made.slot] }])
      assert.strictEqual(yield* bed.tokens(bed.host), before)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 100n)
      assert.strictEqual(yield* bed.view("getHost", made.slot), ZeroAddress)
      assert.sameMembers(yield* bed.list(bed.host, "mySlots"), made.slots.slice(1))
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "freeSlot", made.slot)), "Slot is free")
    }),
  )

  it.effect("fails a started request once more slots are lost than it can bear", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 1n })
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "freeSlot", made.slot)), ["SlotFreed"])
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      const logs = yield* bed.send(bed.host, "freeSlot", made.slots[1])
      assert.deepStrictEqual(names(logs), ["SlotFreed", "RequestFailed"])
      assert.deepStrictEqual(logs[1]?.args, [made.id])
    }),
  )

  it.effect("never fails a request that has not started", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ maxSlotLoss: 0n })
      yield* bed.fill(bed.host, made)
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "freeSlot", made.slot)), ["SlotFreed"])
      assert.strictEqual(yield* bed.requestState(made.id), "New")
    }),
  )

  it.effect("pays only once, and only the host, whichever way the request is over", () =>
    onBed(function* (bed) {
      const failed = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      const cancelled = yield* bed.requested()
      yield* bed.fill(bed.host, cancelled)
      const finished = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      for (const { slot } of [failed, cancelled, finished]) {
        const foreign = bed.send(bed.otherHost, "freeSlot", slot)
        assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
        yield* bed.send(bed.host, "freeSlot", slot)
        assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "freeSlot", slot)), "Already paid")
      }
    }),
  )

  it.effect("is refused when the token answers false to the payment", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "freeSlot", made.slot)), "Payment failed")
    }),
  )

  it.effect("can be forced by anyone in the test build", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      const logs = yield* bed.send(bed.stranger, "forciblyFreeSlot", made.slot)
      assert.deepStrictEqual(names(logs), ["SlotFreed"])
      assert.strictEqual(yield* bed.slotState(made.slot), "Free")
    }),
  )

  it.effect("cannot be forced where nobody keeps the slot, or its request is over", () =>
    onBed(function* (bed) {
      const free = yield* bed.requested()
      const failed = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.send(bed.stranger, "forciblyFreeSlot", failed.slot)
      const made = yield* bed.started({ slots: 2n })
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      const states = { Free: free.slot, Failed: failed.slots[1], Finished: made.slot, Paid: made.slots[1] }
      for (const [state, slot] of Object.entries(states)) {
        assert.strictEqual(yield* bed.slotState(slot), state)
        const forced = bed.send(bed.stranger, "forciblyFreeSlot", slot)
        assert.strictEqual(yield* reasonOf(forced), "Slot is not filled")
      }
    }),
  )
})
