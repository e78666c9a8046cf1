import { assert, layer } from "@effect/vitest"
import { ZeroAddress } from "ethers"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"
import { pricePerSlot } from "./TestRequest.ts"

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
      assert.deepEqual(yield* bed.fieldsAs(bed.host, "mySlots"), [slot])
      assert.deepEqual(yield* bed.fieldsAs(bed.client, "mySlots"), [])
    }),
  )

  it.effect("refuses an unknown request, and a slot that the request has not", () =>
    onBed(function* (bed) {
      const unknown = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, unknown)), "Unknown request")
      const made = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 4n)), "Invalid slot")
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

  it.effect("takes one deposit for any number of slots (known limit)", () =>
    onBed(function* (bed) {
      yield* bed.started()
      yield* bed.started()
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 100n)
      assert.strictEqual((yield* bed.fieldsAs(bed.host, "mySlots")).length, 8)
    }),
  )

  it.effect("refuses an empty proof", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made, 0n, "0x")), "Invalid proof")
    }),
  )

  it.effect("refuses a slot that already has a proof in this period, whoever gave it (known limit)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const period = ((yield* bed.now) / 10n + 1n) * 10n
      yield* bed.at(period)
      yield* bed.send(bed.stranger, "submitProof", made.slot, "0x01")
      yield* bed.at(period + 9n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, made)), "Proof already submitted")
      yield* bed.at(period + 10n)
      yield* bed.fill(bed.host, made)
    }),
  )

  it.effect("checks in order: request, slot, state, collateral, proof", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const period = ((yield* bed.now) / 10n + 1n) * 10n
      yield* bed.goTo(period)
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.send(bed.stranger, "submitProof", made.slots[1], "0x01")
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

  it.effect("Finished to Paid: freeSlot by the host; the slot is still on record", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.slotState(made.slot), "Paid")
      assert.strictEqual((yield* bed.answers("getActiveSlot", made.slot))[1], 0n)
      assert.strictEqual(yield* bed.hostOf(made.slot), bed.host)
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
      const [, second, third, fourth] = made.slots
      assert.deepEqual(yield* bed.fieldsAs(bed.host, "mySlots"), [fourth, second, third])
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

  it.effect("only takes a slot of a failed request off the host's hands", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      const before = yield* bed.tokens(bed.host)
      assert.deepStrictEqual(yield* bed.send(bed.host, "freeSlot", made.slot), [])
      assert.strictEqual(yield* bed.slotState(made.slot), "Failed")
      assert.deepEqual(yield* bed.fieldsAs(bed.host, "mySlots"), [])
      assert.strictEqual(yield* bed.tokens(bed.host), before)
      assert.deepStrictEqual(yield* bed.send(bed.host, "freeSlot", made.slot), [])
      yield* bed.send(bed.host, "withdraw")
    }),
  )

  it.effect("pays the whole price of a slot when the request is over, however late it was filled", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      const end = yield* bed.count("requestEnd", made.id)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      yield* bed.at(end - 1n)
      yield* bed.fill(bed.otherHost, made)
      yield* bed.at(end + 1n)
      for (const [host, slot] of [
        [bed.otherHost, made.slots[0]],
        [bed.host, made.slots[1]],
      ] as const) {
        const before = yield* bed.tokens(host)
        assert.deepStrictEqual(names(yield* bed.send(host, "freeSlot", slot)), ["Transfer"])
        assert.strictEqual(yield* bed.tokens(host), before + pricePerSlot(made.request))
        assert.notInclude(yield* bed.fieldsAs(host, "mySlots"), slot)
      }
    }),
  )

  it.effect("pays only once, and only the host", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      const foreign = bed.send(bed.otherHost, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(foreign), "Slot filled by other host")
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "freeSlot", made.slot)), "Already paid")
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

  it.effect("pays the whole price of a slot of a cancelled request (known limit)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      const before = yield* bed.tokens(bed.host)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.tokens(bed.host), before + pricePerSlot(made.request))
    }),
  )

  it.effect("pays a refunded request's host from other escrow, and panics when there is none (known limit)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.match(yield* reasonOf(bed.send(bed.host, "freeSlot", made.slot)), /underflow/)
      yield* bed.requested()
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "freeSlot", made.slot)), ["Transfer"])
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
})
