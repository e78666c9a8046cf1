import { assert, layer } from "@effect/vitest"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"
import { price } from "./TestRequest.ts"

layer(Bed.layer())("the state of a request", (it) => {
  it.effect("is unknown before it is posted", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.newRequest()
      for (const view of ["getRequest", "requestState", "requestEnd"])
        assert.strictEqual(yield* reasonOf(bed.view(view, id)), "Unknown request")
    }),
  )

  it.effect("- to New: requestStorage", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.requested()
      assert.strictEqual(yield* bed.requestState(id), "New")
    }),
  )

  it.effect("New to Started: the fill that completes the slots, up to the second of the expiry", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ slots: 2n })
      yield* bed.fill(bed.host, made, 0n)
      assert.strictEqual(yield* bed.requestState(made.id), "New")
      yield* bed.at(made.request.expiry)
      yield* bed.fill(bed.otherHost, made, 1n)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      yield* bed.goTo(made.request.expiry + 1n)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
    }),
  )

  it.effect("New to Cancelled: strictly after the expiry, or at once if that has passed", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.goTo(request.expiry)
      assert.strictEqual(yield* bed.requestState(id), "New")
      yield* bed.goTo(request.expiry + 1n)
      assert.strictEqual(yield* bed.requestState(id), "Cancelled")

      const late = yield* bed.requested({}, { expiry: yield* bed.now })
      assert.strictEqual(yield* bed.requestState(late.id), "Cancelled")
    }),
  )

  it.effect("Cancelled, for good: whatever is paid out, withdrawn or over by then (hole 1: cancelled payout)", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Cancelled")
      yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.strictEqual(yield* bed.requestState(made.id), "Cancelled")
      yield* bed.goTo(made.request.expiry + 10_000n)
      assert.strictEqual(yield* bed.requestState(made.id), "Cancelled")
    }),
  )

  it.effect("Started to Failed, for good: too many slots freed", () =>
    onBed(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Failed")
      yield* bed.goTo((yield* bed.now) + 10_000n)
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.strictEqual(yield* bed.requestState(made.id), "Failed")
    }),
  )

  it.effect("Started to Finished: strictly after the end", () =>
    onBed(function* (bed) {
      const { id } = yield* bed.started()
      const end = yield* bed.count("requestEnd", id)
      yield* bed.goTo(end)
      assert.strictEqual(yield* bed.requestState(id), "Started")
      yield* bed.goTo(end + 1n)
      assert.strictEqual(yield* bed.requestState(id), "Finished")
    }),
  )

  it.effect("Finished, for good: first payout", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.requestState(id), "Finished")
    }),
  )
})

layer(Bed.layer())("requestEnd", (it) => {
  it.effect("is the time of the request plus its duration, also once it has started", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({ slots: 1n, maxSlotLoss: 1n })
      const end = (yield* bed.now) + made.request.ask.duration
      assert.strictEqual(yield* bed.view("requestEnd", made.id), end)
      yield* bed.goTo((yield* bed.now) + 100n)
      yield* bed.fill(bed.host, made)
      assert.strictEqual(yield* bed.view("requestEnd", made.id), end)
    }),
  )

  it.effect("is a second ago after cancelling, until the planned end", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      const end = yield* bed.count("requestEnd", id)
      for (const now of [request.expiry + 1n, request.expiry + 50n]) {
        yield* bed.goTo(now)
        assert.strictEqual(yield* bed.view("requestEnd", id), now - 1n)
      }
      yield* bed.goTo(end + 50n)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
    }),
  )

  it.effect("is the second before the failure, and stays there", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", slot)
      const failedAt = yield* bed.now
      assert.strictEqual(yield* bed.view("requestEnd", id), failedAt - 1n)
      yield* bed.goTo(failedAt + 100n)
      assert.strictEqual(yield* bed.view("requestEnd", id), failedAt - 1n)
    }),
  )

  it.effect("stays the planned end after finishing", () =>
    onBed(function* (bed) {
      const { id, slot } = yield* bed.started()
      const end = yield* bed.count("requestEnd", id)
      yield* bed.goTo(end + 1n)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
      yield* bed.at(end + 100n)
      yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.view("requestEnd", id), end)
    }),
  )
})

layer(Bed.layer())("withdrawFunds", (it) => {
  it.effect("announces the cancellation and pays the whole price back when nobody has stored", () =>
    onBed(function* (bed) {
      const before = yield* bed.tokens(bed.client)
      const made = yield* bed.requested()
      yield* bed.at(made.request.expiry + 1n)
      const logs = yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.deepStrictEqual(names(logs), ["RequestCancelled", "Transfer"])
      assert.deepStrictEqual(logs[0]?.args, [made.id])
      assert.strictEqual(yield* bed.tokens(bed.client), before)
    }),
  )

  it.effect("announces nothing when the request has failed or finished", () =>
    onBed(function* (bed) {
      const failed = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      const finished = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", finished.slot)
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      for (const { id } of [failed, finished])
        assert.deepStrictEqual(names(yield* bed.send(bed.client, "withdrawFunds", id)), ["Transfer"])
    }),
  )

  it.effect("is refused up to the second of the expiry, also when the request has failed by then", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      const failed = yield* bed.started({ maxSlotLoss: 0n }, { expiry: made.request.expiry })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      for (const { id } of [made, failed]) {
        const withdrawal = bed.send(bed.client, "withdrawFunds", id)
        yield* bed.at(made.request.expiry - 1n)
        assert.strictEqual(yield* reasonOf(withdrawal), "Request not yet timed out")
        yield* bed.at(made.request.expiry)
        assert.strictEqual(yield* reasonOf(withdrawal), "Request not yet timed out")
      }
      yield* bed.at(made.request.expiry + 1n)
      yield* bed.send(bed.client, "withdrawFunds", failed.id)
    }),
  )

  it.effect("is refused to anybody but the client, and for an unknown id", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdrawFunds", id)), "Request not yet timed out")
      yield* bed.goTo(request.expiry + 1n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdrawFunds", id)), "Invalid client address")
      const { id: unknown } = yield* bed.newRequest()
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", unknown)), "Invalid client address")
    }),
  )

  it.effect("is refused while the request goes on, and a second time", () =>
    onBed(function* (bed) {
      const begun = yield* bed.started()
      const failed = yield* bed.started({ maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      const finished = yield* bed.started({ duration: 700n })
      yield* bed.send(bed.host, "freeSlot", finished.slot)
      const cancelled = yield* bed.requested()
      yield* bed.goTo(cancelled.request.expiry + 600n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", begun.id)), "Invalid state")
      for (const { id } of [cancelled, failed, finished]) {
        yield* bed.send(bed.client, "withdrawFunds", id)
        assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", id)), "Invalid state")
      }
    }),
  )

  it.effect("is refused when a request has finished that its hosts have earned as a whole", () =>
    onBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      const withdrawal = bed.send(bed.client, "withdrawFunds", made.id)
      assert.strictEqual(yield* reasonOf(withdrawal), "Invalid state")
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(withdrawal), "Invalid state")
    }),
  )

  it.effect("pays back nothing of what cost nothing", () =>
    onBed(function* (bed) {
      const before = yield* bed.tokens(bed.client)
      const cancelled = yield* bed.requested({ reward: 0n })
      const failed = yield* bed.started({ reward: 0n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      assert.strictEqual(price(failed.request), 0n)
      yield* bed.goTo(failed.request.expiry + 1n)
      for (const { id } of [cancelled, failed]) yield* bed.send(bed.client, "withdrawFunds", id)
      assert.strictEqual(yield* bed.tokens(bed.client), before)
    }),
  )

  it.effect("is refused when the token answers false", () =>
    onBed(function* (bed) {
      const { id, request } = yield* bed.requested()
      yield* bed.goTo(request.expiry + 1n)
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.client, "withdrawFunds", id)), "Withdraw failed")
    }),
  )
})
