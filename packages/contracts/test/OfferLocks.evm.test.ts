import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { gain, OfferBed, onOfferBed, reasonOf, strict } from "./OfferBed.ts"

type BedShape = OfferBed["Service"]

const isLocked = Effect.fnUntraced(function* (bed: BedShape, host: string) {
  const withdrawal = bed.send(host, "withdraw")
  const reason = yield* Effect.match(withdrawal, { onFailure: ({ message }) => message, onSuccess: () => "" })
  if (reason === "") yield* bed.send(host, "deposit", 100n)
  else assert.strictEqual(reason, "Account locked")
  return reason !== ""
})

layer(OfferBed.layer())("a host's collateral", (it) => {
  it.effect("is free before it offers", () =>
    onOfferBed(function* (bed) {
      assert.strictEqual(yield* gain(bed, bed.host, bed.send(bed.host, "withdraw")), 100n)
    }),
  )

  it.effect("is locked by an offer until the request expires, whenever the offer lapses", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.offered(made, { expiry: 0n })
      assert.isTrue(yield* isLocked(bed, bed.host))
      assert.isFalse(yield* isLocked(bed, bed.otherHost))
      yield* bed.at(made.request.expiry - 1n)
      assert.isTrue(yield* isLocked(bed, bed.host))
      yield* bed.at(made.request.expiry)
      assert.isFalse(yield* isLocked(bed, bed.host))
    }),
  )

  it.effect("is free once another offer is selected, while the chosen host's is locked", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const chosen = yield* bed.offered(made)
      yield* bed.offered(made, { host: bed.otherHost })
      assert.isTrue(yield* isLocked(bed, bed.otherHost))
      yield* bed.select(chosen)
      assert.isFalse(yield* isLocked(bed, bed.otherHost))
      assert.isTrue(yield* isLocked(bed, bed.host))
    }),
  )

  it.effect("stays free when it offers after a selection", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.selected()
      yield* bed.offered(made, { host: bed.otherHost })
      assert.isFalse(yield* isLocked(bed, bed.otherHost))
    }),
  )

  it.effect("is locked by each request for which it offered, and by each contract", () =>
    onOfferBed(function* (bed) {
      const first = yield* bed.requested()
      const second = yield* bed.requested()
      yield* bed.offered(first, { host: bed.otherHost })
      yield* bed.offered(second, { host: bed.otherHost })
      for (const made of [first, second]) {
        assert.isTrue(yield* isLocked(bed, bed.otherHost))
        yield* bed.select(yield* bed.offered(made))
      }
      assert.isFalse(yield* isLocked(bed, bed.otherHost))
      yield* bed.goTo(first.request.expiry + 100n)
      yield* bed.refund(first)
      assert.isTrue(yield* isLocked(bed, bed.host))
      yield* bed.refund(second)
      assert.isFalse(yield* isLocked(bed, bed.host))
    }),
  )

  it.effect(
    "is locked by a contract until it is finished, past its end (hole: locked by the offer's expiry alone)",
    () =>
      onOfferBed(function* (bed) {
        const made = yield* bed.started()
        yield* bed.goTo(made.start + 3601n)
        assert.isTrue(yield* isLocked(bed, bed.host))
        yield* bed.finish(made)
        assert.isFalse(yield* isLocked(bed, bed.host))
      }),
  )
})

layer(OfferBed.layer({ config: strict }))("a host's collateral", (it) => {
  it.effect("is what is left of it, and free, once its contract failed", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.started({ proofProbability: 1n })
      yield* bed.miss(made)
      assert.strictEqual(yield* bed.state(made), "Failed")
      assert.strictEqual(yield* gain(bed, bed.host, bed.send(bed.host, "withdraw")), 30n)
    }),
  )
})

/** So many requests that expire together, for each of which the host offered. */
const offerAll = Effect.fnUntraced(function* (bed: BedShape, many: number, expiry: bigint) {
  const requests: Array<Effect.Success<ReturnType<BedShape["newRequest"]>>> = []
  for (let i = 0; i < many; i++) requests.push(yield* bed.newRequest({ expiry }))
  yield* bed.sendAll(
    bed.client,
    "requestStorage",
    requests.map(({ request }) => [request]),
  )
  const offers = requests.map((made) => [bed.newOffer(made).offer])
  // the first one clears away what is over, for more gas
  yield* bed.send(bed.host, "offerStorage", ...(offers[0] ?? []))
  yield* bed.sendAll(bed.host, "offerStorage", offers.slice(1))
  for (const made of requests) {
    const [host] = yield* bed.fields("getOffer", bed.newOffer(made).id)
    assert.strictEqual(String(host).toLowerCase(), bed.host)
  }
  return requests
})

layer(OfferBed.layer())("of requests that are open, a host can have offered", (it) => {
  it.effect("for 128 at a time, and more offers for each", () =>
    onOfferBed(function* (bed) {
      const expiry = (yield* bed.now) + 10_000n
      const [first, second, ...others] = yield* offerAll(bed, 128, expiry)
      if (first === undefined || second === undefined) return yield* Effect.die("no requests")
      const one = yield* bed.requested()
      const offer = reasonOf(bed.send(bed.host, "offerStorage", bed.newOffer(one).offer))
      assert.strictEqual(yield* offer, "Max locks reached")
      for (const made of [first, ...others.slice(-1)]) yield* bed.offered(made, { price: 1n })
      yield* bed.select(yield* bed.offered(first, { host: bed.otherHost }))
      yield* bed.offered(one)
      const two = yield* bed.requested()
      assert.strictEqual(
        yield* reasonOf(bed.send(bed.host, "offerStorage", bed.newOffer(two).offer)),
        "Max locks reached",
      )
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdraw")), "Account locked")
      // those for which it offered stay open to it, and those that lock nothing
      yield* bed.offered(first, { price: 3n })
      yield* bed.offered(second, { price: 2n })
    }),
  )

  it.effect("for 128 more when those expired, and withdraw when all have", () =>
    onOfferBed(function* (bed) {
      const expiry = (yield* bed.now) + 10_000n
      yield* offerAll(bed, 128, expiry)
      yield* bed.goTo(expiry)
      yield* offerAll(bed, 128, expiry + 10_000n)
      const { offer } = bed.newOffer(yield* bed.requested({ expiry: expiry + 20_000n }))
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "offerStorage", offer)), "Max locks reached")
      yield* bed.goTo(expiry + 10_000n)
      assert.strictEqual(yield* gain(bed, bed.host, bed.send(bed.host, "withdraw")), 100n)
    }),
  )
})
