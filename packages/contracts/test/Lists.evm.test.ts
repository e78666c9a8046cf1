import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { toBeHex } from "ethers"
import { Bed, onBed, type Requested } from "./Bed.ts"
import { slotId } from "./TestRequest.ts"

layer(Bed.layer())("myRequests", (it) => {
  it.effect("names the caller's own requests", () =>
    onBed(function* (bed) {
      const made = [yield* bed.requested(), yield* bed.requested()]
      assert.sameMembers(
        yield* bed.list(bed.client, "myRequests"),
        made.map(({ id }) => id),
      )
      assert.deepStrictEqual(yield* bed.list(bed.host, "myRequests"), [])
    }),
  )

  it.effect("keeps cancelled, failed and finished requests, and drops them on withdrawal or first payout", () =>
    onBed(function* (bed) {
      const mine = bed.list(bed.client, "myRequests")
      const cancelled = yield* bed.requested({ slots: 2n })
      yield* bed.fill(bed.host, cancelled)
      const failed = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      yield* bed.send(bed.host, "freeSlot", failed.slot)
      const finished = yield* bed.started()
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      assert.sameMembers(yield* mine, [cancelled.id, failed.id, finished.id])

      // of these, the client has yet to take the rest
      yield* bed.send(bed.host, "freeSlot", cancelled.slot)
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      assert.sameMembers(yield* mine, [cancelled.id, failed.id, finished.id])

      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      assert.sameMembers(yield* mine, [finished.id, failed.id])
      yield* bed.send(bed.host, "freeSlot", finished.slot)
      assert.deepStrictEqual(yield* mine, [failed.id])
      yield* bed.send(bed.client, "withdrawFunds", failed.id)
      assert.deepStrictEqual(yield* mine, [])
    }),
  )

  it.effect("keeps a finished request until what is left of it was withdrawn", () =>
    onBed(function* (bed) {
      const mine = bed.list(bed.client, "myRequests")
      const made = yield* bed.started()
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.goTo((yield* bed.count("requestEnd", made.id)) + 1n)
      yield* bed.send(bed.host, "freeSlot", made.slots[2])
      assert.deepStrictEqual(yield* mine, [made.id])
      yield* bed.send(bed.client, "withdrawFunds", made.id)
      assert.deepStrictEqual(yield* mine, [])
      yield* bed.send(bed.host, "freeSlot", made.slots[3])
      assert.deepStrictEqual(yield* mine, [])
    }),
  )
})

layer(Bed.layer())("mySlots", (it) => {
  it.effect("names the slots that the caller keeps, of all requests", () =>
    onBed(function* (bed) {
      const [a, b] = [yield* bed.requested(), yield* bed.requested()]
      yield* bed.fill(bed.host, a, 3n)
      yield* bed.fill(bed.host, b, 0n)
      yield* bed.fill(bed.otherHost, a, 1n)
      assert.sameMembers(yield* bed.list(bed.host, "mySlots"), [a.slots[3], b.slots[0]])
      assert.sameMembers(yield* bed.list(bed.otherHost, "mySlots"), [a.slots[1]])
      assert.deepStrictEqual(yield* bed.list(bed.client, "mySlots"), [])
    }),
  )

  it.effect("keeps the slots of requests that are over, and drops them when they are freed or paid", () =>
    onBed(function* (bed) {
      const mine = bed.list(bed.host, "mySlots")
      const cancelled = yield* bed.requested()
      yield* bed.fill(bed.host, cancelled)
      const failed = yield* bed.started({ slots: 2n, maxSlotLoss: 0n })
      const finished = yield* bed.started({ slots: 2n })
      yield* bed.send(bed.host, "freeSlot", failed.slots[1])
      yield* bed.goTo((yield* bed.count("requestEnd", finished.id)) + 1n)
      yield* bed.send(bed.client, "withdrawFunds", cancelled.id)
      const kept = [cancelled.slot, failed.slot, finished.slot, finished.slots[1]]
      assert.sameMembers(yield* mine, kept)
      for (const slot of kept.slice(0, 3)) yield* bed.send(bed.host, "freeSlot", slot)
      assert.deepStrictEqual(yield* mine, kept.slice(3))
    }),
  )
})

/** What both lists should be, kept beside the contract. */
interface Model {
  /** How many requests there ever were. */
  made: number
  readonly requests: Array<Requested>
  readonly slots: Array<{
    readonly slot: string
    readonly host: string
    readonly made: Requested
    readonly index: bigint
  }>
}

const below = (count: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: count - 1 })))
const Step = Schema.Struct({
  verb: Schema.Literals(["request", "fill", "fill", "fill", "free", "free", "withdraw"]),
  pick: below(1000),
  host: below(2),
})

/** Does what the step says, where that is possible. The requests expire when they are made, or never within the scene. */
const take = Effect.fnUntraced(function* (bed: Bed["Service"], model: Model, { host, pick, verb }: typeof Step.Type) {
  const { requests, slots } = model
  if (verb === "request") {
    const isExpired = pick % 2 === 0
    const now = yield* bed.now
    requests.push(
      yield* bed.requested(
        { duration: 100_000n, maxSlotLoss: 4n, reward: 1n },
        {
          expiry: isExpired ? 0n : now + 90_000n,
          nonce: toBeHex(model.made++, 32),
        },
      ),
    )
  } else if (verb === "withdraw") {
    const expired = requests.filter(({ request }) => request.expiry === 0n)
    const made = expired[pick % expired.length]
    if (made === undefined) return
    yield* bed.send(bed.client, "withdrawFunds", made.id)
    requests.splice(requests.indexOf(made), 1)
  } else if (verb === "free") {
    const kept = slots[pick % slots.length]
    if (kept === undefined) return
    yield* bed.send(kept.host, "freeSlot", kept.slot)
    slots.splice(slots.indexOf(kept), 1)
  } else {
    const free = requests
      .filter(({ request }) => request.expiry > 0n)
      .flatMap((made) => [0n, 1n, 2n, 3n].map((index) => ({ made, index, slot: slotId(made.id, index) })))
      .filter(({ slot }) => slots.every((kept) => kept.slot !== slot))
    const chosen = free[pick % free.length]
    if (chosen === undefined) return
    // in a period in which nobody has proven the slot
    yield* bed.at(((yield* bed.now) / 10n + 1n) * 10n)
    const keeper = host === 0 ? bed.host : bed.otherHost
    yield* bed.fill(keeper, chosen.made, chosen.index)
    slots.push({ ...chosen, host: keeper })
  }
})

layer(Bed.layer())("both lists", (it) => {
  it.effect.prop(
    "are exact whatever comes and goes, from their beginnings, middles and ends",
    [Arbitrary.array(Arbitrary.schema(Step), { minLength: 40, maxLength: 60 })],
    ([steps]) =>
      onBed(function* (bed) {
        const model: Model = { made: 0, requests: [], slots: [] }
        for (const step of steps) {
          yield* take(bed, model, step)
          assert.sameMembers(
            yield* bed.list(bed.client, "myRequests"),
            model.requests.map(({ id }) => id),
          )
          for (const host of [bed.host, bed.otherHost])
            assert.sameMembers(
              yield* bed.list(host, "mySlots"),
              model.slots.filter((kept) => kept.host === host).map(({ slot }) => slot),
            )
        }
      }),
    { timeout: 60_000, arbitrary: { runs: 12 } },
  )
})

layer(Bed.layer())("after 1,000 ended requests of the caller, within a call of 30 million gas,", (it) => {
  it.effect(
    "myRequests and mySlots still answer, before and after these are settled",
    () =>
      onBed(function* (bed) {
        const asked = yield* bed.newRequest({ slots: 2n, maxSlotLoss: 0n, duration: 100_000n, reward: 1n })
        const requests = Array.from({ length: 1000 }, (_, n) => ({
          ...asked.request,
          nonce: toBeHex(n, 32),
          expiry: asked.request.expiry,
        }))
        yield* bed.sendAll(
          bed.client,
          "requestStorage",
          requests.map((request) => [request]),
        )
        const ids = yield* bed.list(bed.client, "myRequests")
        assert.strictEqual(new Set(ids).size, 1000)
        yield* bed.sendAll(
          bed.host,
          "fillSlot",
          ids.map((id) => [id, 0n, "0x01"]),
        )
        yield* bed.goTo(asked.request.expiry + 1n)
        const [last] = ids
        assert.strictEqual(yield* bed.requestState(String(last)), "Cancelled")
        const slots = ids.map((id) => slotId(id, 0n))
        assert.sameMembers(yield* bed.list(bed.client, "myRequests"), ids)
        assert.sameMembers(yield* bed.list(bed.host, "mySlots"), slots)

        const one = yield* bed.requested()
        yield* bed.fill(bed.host, one)
        yield* bed.sendAll(
          bed.client,
          "withdrawFunds",
          ids.map((id) => [id]),
        )
        yield* bed.sendAll(
          bed.host,
          "freeSlot",
          slots.map((slot) => [slot]),
        )
        assert.deepStrictEqual(yield* bed.list(bed.client, "myRequests"), [one.id])
        assert.deepStrictEqual(yield* bed.list(bed.host, "mySlots"), [one.slot])
      }),
    60_000,
  )
})
