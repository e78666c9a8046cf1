import { assert, describe, it } from "@effect/vitest"
import type { Life } from "@pecia/machine/testing"
import { Effect } from "effect"
import {
  demandFor,
  eventually,
  layerChain,
  makeClient,
  makeHost,
  pass,
  passUntil,
  settle,
  slotSize,
  start,
  unreachable,
} from "./bed.ts"

/** Every call of a sale that changes something, from its beginning to its end. */
const members = [
  "reserve",
  "store",
  "getChallenge",
  "prove",
  "approveFunds",
  "deposit",
  "fillSlot",
  "freeSlot",
  "clear",
  "giveBack",
]

describe("a host that is killed and started again", () => {
  for (const member of members) {
    for (const when of ["before", "after"] as const) {
      it.effect(`${when} ${member} goes on where it was, is paid once and gets its space and collateral back`, () =>
        Effect.gen(function* () {
          const client = yield* makeClient
          const host = yield* makeHost({ slots: 1n })
          const life: Life = { dead: false, crash: { member, when } }
          const first = yield* host.run(life)
          const { request, slot } = yield* client.request()
          let current = first
          const again = Effect.gen(function* () {
            yield* settle
            if (current === first && life.dead) current = yield* host.run()
            yield* settle
          })
          yield* again
          yield* pass(60n)
          yield* again
          yield* passUntil(start + request.ask.duration + 1n)
          yield* again
          yield* pass(60n)
          yield* settle
          assert.isTrue(life.dead, "the crash has happened")
          // Once all was given back, the new run finds nothing to do.
          assert.include(["SaleFinished", undefined], yield* current.name(slot(0n)))
          assert.strictEqual(yield* host.freeBytes, slotSize)
          assert.strictEqual(host.storage.stored.size, 0)
          yield* current.sales.withdrawCollateral
          assert.strictEqual(yield* host.tokens, 1000n + 36_000n)
        }).pipe(Effect.provide(layerChain)),
      )
    }
  }

  it.effect("while hosting goes on hosting and is paid: its slots are read from the chain at start", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const first = yield* host.run()
      const { request, slot } = yield* client.request({ ask: { slots: 2n } })
      yield* first.reaches(slot(0n), "SaleProving")
      yield* first.reaches(slot(1n), "SaleProving")
      first.life.dead = true
      yield* pass(1000n)
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleProving")
      yield* second.reaches(slot(1n), "SaleProving")
      assert.strictEqual(host.storage.calls.filter((call) => call.startsWith("store")).length, 2)
      yield* passUntil(start + request.ask.duration + 1n)
      yield* second.reaches(slot(0n), "SaleFinished")
      yield* second.reaches(slot(1n), "SaleFinished")
      assert.strictEqual(yield* host.tokens, 800n + 72_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("after its request was fulfilled and its expiry has passed does not take the slot for cancelled", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const first = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* first.reaches(slot(0n), "SaleProving")
      first.life.dead = true
      yield* passUntil(request.expiry + 100n)
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleProving")
      assert.deepStrictEqual(yield* second.reasons, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("during a download whose request expires meanwhile clears it and has its space back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () => Effect.never
      const first = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* first.reaches(slot(0n), "SaleDownloading")
      assert.strictEqual(yield* host.freeBytes, 0n)
      first.life.dead = true
      yield* passUntil(request.expiry + 1n)
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleCancelled")
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with a filling on its way finds itself to be the host, and clears nothing", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const first = yield* host.run({ dead: false, crash: { member: "fillSlot", when: "before" } })
      const { requestId, slot } = yield* client.request()
      yield* settle
      host.storage.beforeStore = () => Effect.never
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleDownloading")
      // The transaction that was sent before the crash is mined only now.
      yield* host.market.fillSlot(requestId, 0n, new Uint8Array([1]))
      yield* settle
      yield* second.reaches(slot(0n), "SaleDownloading")
      yield* second.stop
      host.storage.beforeStore = () => Effect.void
      const third = yield* host.run()
      yield* third.reaches(slot(0n), "SaleProving")
      assert.isTrue(first.life.dead)
      assert.notInclude(host.storage.calls, "clear 0")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("gives back what it holds for a request that the chain does not know", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      yield* host.reservations.reserve(demandFor(client.compose({})))
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* host.run()
      yield* eventually(
        "free space",
        Effect.map(host.freeBytes, (free) => free === slotSize),
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves alone what holds space for the other market", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const held = yield* host.reservations.reserve(demandFor(client.compose({}), { market: "OfferMarket" }))
      const { sales } = yield* host.run()
      yield* pass(600n)
      assert.deepStrictEqual(yield* host.reservations.reservations, [held])
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.deepStrictEqual(host.storage.calls, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("waits for a chain that does not answer at start, and goes on when it does", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let reachable = true
      const host = yield* makeHost({
        faults: (market) => ({
          mySlots: Effect.suspend(() => (reachable ? market.mySlots : unreachable)),
          getActiveSlot: (id) => Effect.suspend(() => (reachable ? market.getActiveSlot(id) : unreachable)),
          slotState: (id) => Effect.suspend(() => (reachable ? market.slotState(id) : unreachable)),
        }),
      })
      const first = yield* host.run()
      const { slot } = yield* client.request()
      yield* first.reaches(slot(0n), "SaleProving")
      yield* first.stop
      reachable = false
      const second = yield* host.run()
      yield* pass(600n)
      assert.strictEqual(yield* second.name(slot(0n)), undefined)
      reachable = true
      yield* pass(60n)
      yield* second.reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("shows a slot as unknown until the chain has said how it stands, and does not get stuck there", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let reachable = true
      const host = yield* makeHost({
        faults: (market) => ({
          slotState: (id) => Effect.suspend(() => (reachable ? market.slotState(id) : unreachable)),
        }),
      })
      const first = yield* host.run()
      const { slot } = yield* client.request()
      yield* first.reaches(slot(0n), "SaleProving")
      yield* first.stop
      reachable = false
      const second = yield* host.run()
      yield* second.reaches(slot(0n), "SaleUnknown")
      reachable = true
      yield* pass(60n)
      yield* second.reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )
})
