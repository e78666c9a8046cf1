import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Bed, gain, names, onBed, type Requested, reasonOf } from "./Bed.ts"
import { price, pricePerSlot } from "./TestRequest.ts"

type BedShape = Bed["Service"]

const payout = (bed: BedShape, host: string, slot: string | undefined) =>
  gain(bed, host, bed.send(host, "freeSlot", slot))
const refund = (bed: BedShape, { id }: Requested) => gain(bed, bed.client, bed.send(bed.client, "withdrawFunds", id))

/** All collect what is theirs, hosts first or last, and not a token is left in the contract, nor did it lack one. */
const settle = Effect.fnUntraced(function* (bed: BedShape, { hostsFirst }: { readonly hostsFirst: boolean }) {
  const requests = yield* bed.list(bed.client, "myRequests")
  let over = yield* bed.now
  for (const id of requests) {
    const end = yield* bed.count("requestEnd", id)
    if (end >= over) over = end + 1n
  }
  yield* bed.goTo(over + 1n)
  const hosts = Effect.gen(function* () {
    for (const host of [bed.host, bed.otherHost, bed.client])
      for (const slot of yield* bed.list(host, "mySlots")) yield* bed.send(host, "freeSlot", slot)
  })
  const client = Effect.gen(function* () {
    for (const id of yield* bed.list(bed.client, "myRequests")) {
      // a finished request of which nothing is left for the client waits for its first payout
      const reason = yield* bed.send(bed.client, "withdrawFunds", id).pipe(
        Effect.as(""),
        Effect.catchTag("Reverted", ({ reason }) => Effect.succeed(reason)),
      )
      assert.include(["", "Invalid state"], reason)
    }
  })
  yield* hostsFirst ? Effect.andThen(hosts, client) : Effect.andThen(client, hosts)
  assert.deepStrictEqual(yield* bed.list(bed.client, "myRequests"), [])
  for (const account of [bed.host, bed.otherHost, bed.client]) {
    assert.deepStrictEqual(yield* bed.list(account, "mySlots"), [])
    yield* bed.send(account, "withdraw")
  }
  assert.strictEqual(yield* bed.tokens(bed.marketplace), 0n)
})

/** A scene that is settled in both orders after the same beginning. */
const scene = (play: (bed: BedShape) => Effect.fn.Return<void, Error>) =>
  onBed(function* (bed) {
    yield* Effect.gen(() => play(bed))
    for (const hostsFirst of [true, false]) yield* bed.devnet.isolated(settle(bed, { hostsFirst }))
  })

const reward = 84n

/** A request in which the first slot is filled, then `seconds` later the second, of four. */
const halfFilled = Effect.fnUntraced(function* (bed: BedShape, seconds: bigint) {
  const made = yield* bed.requested()
  yield* bed.fill(bed.host, made, 0n)
  const first = yield* bed.now
  yield* bed.at(first + seconds)
  yield* bed.fill(bed.otherHost, made, 1n)
  return { made, first, second: first + seconds }
})

layer(Bed.layer())("hole 1: cancelled payout", (it) => {
  it.effect("a cancelled request pays its hosts for the time that they stored, up to the expiry", () =>
    scene(function* (bed) {
      const { first, made, second } = yield* halfFilled(bed, 100n)
      const { expiry } = made.request
      yield* bed.goTo(expiry + 50n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), (expiry - first) * reward)
      yield* bed.goTo(expiry + 9000n)
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[1]), (expiry - second) * reward)
    }),
  )

  it.effect("the client gets exactly the rest, when it comes first, second or last", () =>
    onBed(function* (bed) {
      const { first, made, second } = yield* halfFilled(bed, 100n)
      const { expiry } = made.request
      const earned = [(expiry - first) * reward, (expiry - second) * reward] as const
      const rest = price(made.request) - earned[0] - earned[1]
      yield* bed.goTo(expiry + 1n)
      const steps = {
        host: Effect.map(payout(bed, bed.host, made.slots[0]), (pay) => assert.strictEqual(pay, earned[0])),
        other: Effect.map(payout(bed, bed.otherHost, made.slots[1]), (pay) => assert.strictEqual(pay, earned[1])),
        client: Effect.map(refund(bed, made), (pay) => assert.strictEqual(pay, rest)),
      }
      for (const order of [
        [steps.client, steps.host, steps.other],
        [steps.host, steps.client, steps.other],
        [steps.other, steps.host, steps.client],
      ])
        yield* bed.devnet.isolated(
          Effect.gen(function* () {
            for (const step of order) yield* step
            // the collateral of two hosts is all that is left
            assert.strictEqual(yield* bed.tokens(bed.marketplace), 200n)
          }),
        )
    }),
  )

  it.effect("a host is not paid out of other escrow, and needs none", () =>
    scene(function* (bed) {
      const other = yield* bed.requested({}, { expiry: (yield* bed.now) + 3000n })
      const { first, made } = yield* halfFilled(bed, 10n)
      yield* bed.goTo(made.request.expiry + 1n)
      yield* refund(bed, made)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), (made.request.expiry - first) * reward)
      yield* payout(bed, bed.otherHost, made.slots[1])
      assert.strictEqual(yield* bed.tokens(bed.marketplace), price(other.request) + 200n)
    }),
  )

  it.effect("a slot that was filled in the second of the expiry earns nothing, and is paid all the same", () =>
    scene(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.at(made.request.expiry)
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slot), 0n)
      assert.strictEqual(yield* bed.slotState(made.slot), "Paid")
    }),
  )

  it.effect("a slot that was given up before the expiry earns nothing; who came after earns from then on", () =>
    scene(function* (bed) {
      const { made } = yield* halfFilled(bed, 10n)
      yield* bed.send(bed.host, "freeSlot", made.slots[0])
      yield* bed.goTo((yield* bed.now) + 20n)
      yield* bed.fill(bed.otherHost, made, 0n)
      const filledAt = yield* bed.now
      yield* bed.send(bed.otherHost, "freeSlot", made.slots[1])
      yield* bed.goTo(made.request.expiry + 1n)
      const earned = (made.request.expiry - filledAt) * reward
      assert.strictEqual(yield* refund(bed, made), price(made.request) - earned)
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[0]), earned)
    }),
  )
})

layer(Bed.layer())("hole 2: what hosts do not earn goes back to the client", (it) => {
  it.effect("of a failed request: the hosts that kept their slots are paid up to the failure", () =>
    scene(function* (bed) {
      const made = yield* bed.requested({ maxSlotLoss: 0n })
      const filled: Array<bigint> = []
      for (const index of [0n, 1n, 2n, 3n]) {
        yield* bed.fill(index % 2n === 0n ? bed.host : bed.otherHost, made, index)
        filled.push(yield* bed.now)
      }
      yield* bed.at((yield* bed.now) + 1000n)
      yield* bed.send(bed.otherHost, "freeSlot", made.slots[3])
      const failedAt = yield* bed.now
      const earned = filled.slice(0, 3).map((filledAt) => (failedAt - filledAt) * reward)
      const rest = price(made.request) - earned.reduce((sum, pay) => sum + pay, 0n)

      yield* bed.goTo(failedAt + 500n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), earned[0])
      assert.strictEqual(yield* bed.slotState(made.slots[0]), "Paid")
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[1]), earned[1])
      assert.strictEqual(yield* refund(bed, made), rest)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[2]), earned[2])
      for (const slot of made.slots.slice(0, 3))
        assert.include(
          ["Slot filled by other host", "Already paid"],
          yield* reasonOf(bed.send(bed.host, "freeSlot", slot)),
        )
    }),
  )

  it.effect("of a failed request: a client that hosts a slot itself does not get the others for nothing", () =>
    scene(function* (bed) {
      yield* bed.send(bed.client, "deposit", 100n)
      const made = yield* bed.requested({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.fill(bed.client, made, 0n)
      yield* bed.fill(bed.host, made, 1n)
      const filledAt = yield* bed.now
      const end = yield* bed.count("requestEnd", made.id)
      yield* bed.at(end)
      yield* bed.send(bed.client, "freeSlot", made.slots[0])
      assert.strictEqual(yield* bed.requestState(made.id), "Failed")
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[1]), (end - filledAt) * reward)
    }),
  )

  it.effect("of a finished request: the price of slots that are empty at the end", () =>
    scene(function* (bed) {
      const made = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.send(bed.host, "freeSlot", made.slots[3])
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), pricePerSlot(made.request))
      assert.include(yield* bed.list(bed.client, "myRequests"), made.id)
      assert.strictEqual(yield* refund(bed, made), 2n * pricePerSlot(made.request))
      assert.notInclude(yield* bed.list(bed.client, "myRequests"), made.id)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[2]), pricePerSlot(made.request))
    }),
  )

  it.effect(
    "of a finished request: the seconds that a refilled slot was empty, and those its lost host had stored",
    () =>
      scene(function* (bed) {
        const made = yield* bed.started()
        const end = yield* bed.count("requestEnd", made.id)
        yield* bed.send(bed.host, "freeSlot", made.slots[2])
        yield* bed.at(end - 1000n)
        yield* bed.fill(bed.otherHost, made, 2n)
        yield* bed.goTo(end + 1n)
        assert.strictEqual(yield* refund(bed, made), (3600n - 1000n) * reward)
        assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[2]), 1000n * reward)
        assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), pricePerSlot(made.request))
      }),
  )

  it.effect("of a request that was lost whole, all", () =>
    scene(function* (bed) {
      const made = yield* bed.started({ maxSlotLoss: 4n })
      for (const slot of made.slots) yield* bed.send(bed.host, "freeSlot", slot)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.strictEqual(yield* refund(bed, made), price(made.request))
    }),
  )
})

layer(Bed.layer())("the pay for a slot of a finished request", (it) => {
  it.effect("is the whole price of a slot that was filled before the start, however late", () =>
    scene(function* (bed) {
      const made = yield* bed.requested({ slots: 2n })
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.at(made.request.expiry)
      yield* bed.fill(bed.otherHost, made, 1n)
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[0]), pricePerSlot(made.request))
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[1]), pricePerSlot(made.request))
    }),
  )

  it.effect("is the whole price also where the slot was refilled before the start", () =>
    scene(function* (bed) {
      const made = yield* bed.requested({ slots: 2n })
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.send(bed.host, "freeSlot", made.slots[0])
      yield* bed.goTo((yield* bed.now) + 100n)
      yield* bed.fill(bed.otherHost, made, 0n)
      yield* bed.fill(bed.host, made, 1n)
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[0]), pricePerSlot(made.request))
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[1]), pricePerSlot(made.request))
    }),
  )

  it.effect("is for the time from the filling to the end where the slot was refilled after the start", () =>
    scene(function* (bed) {
      const made = yield* bed.started()
      const end = yield* bed.count("requestEnd", made.id)
      yield* bed.send(bed.host, "freeSlot", made.slots[0])
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.at(end - 1n)
      yield* bed.fill(bed.otherHost, made, 0n)
      yield* bed.fill(bed.otherHost, made, 1n)
      yield* bed.goTo(end + 1n)
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[0]), reward)
      assert.strictEqual(yield* payout(bed, bed.otherHost, made.slots[1]), 0n)
      assert.strictEqual(yield* payout(bed, bed.host, made.slots[2]), pricePerSlot(made.request))
    }),
  )

  it.effect("moves in one transfer and is announced by nothing else", () =>
    scene(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "freeSlot", made.slot)), ["Transfer"])
    }),
  )
})

layer(Bed.layer())("hole 7: a request can not start after its end", (it) => {
  it.effect("the latest expiry there is lies before the end, and its hosts have stored until then", () =>
    scene(function* (bed) {
      const createdAt = (yield* bed.now) + 10n
      const made = yield* bed.newRequest({ slots: 1n, maxSlotLoss: 0n }, { expiry: createdAt + 3599n })
      yield* bed.at(createdAt)
      yield* bed.send(bed.client, "requestStorage", made.request)
      yield* bed.at(createdAt + 3599n)
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(createdAt + 3600n)
      assert.strictEqual(yield* bed.requestState(made.id), "Started")
      yield* bed.goTo(createdAt + 3601n)
      assert.strictEqual(yield* bed.requestState(made.id), "Finished")
    }),
  )
})

layer(Bed.layer())("solvency", (it) => {
  it.effect("requests in every state beside each other are settled to the last token", () =>
    scene(function* (bed) {
      const failed = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      const cancelled = yield* halfFilled(bed, 33n)
      const finished = yield* bed.started({ duration: 900n })
      yield* bed.send(bed.host, "freeSlot", finished.slots[3])
      const begun = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", begun.slots[0])
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      yield* bed.fill(bed.otherHost, begun, 0n)
      yield* payout(bed, bed.host, finished.slots[2])
      yield* payout(bed, bed.otherHost, cancelled.made.slots[1])
      yield* refund(bed, failed)
      const open = yield* bed.requested({ slots: 1n, maxSlotLoss: 1n })
      yield* bed.fill(bed.host, open)
      yield* bed.requested()
    }),
  )
})
