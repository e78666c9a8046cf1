import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import {
  eventually,
  layerChain,
  makeClient,
  makeHost,
  pass,
  passUntil,
  rivalFills,
  settle,
  slotSize,
  start,
} from "./bed.ts"

describe("a request that is not filled in time", () => {
  it.effect("is stayed with, and pays its host for the time that it stored; the client has exactly the rest back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const before = yield* client.market.tokens(client.account)
      const host = yield* makeHost({ slots: 1n })
      const { sales, reasons } = yield* host.run()
      const { request, requestId } = yield* client.request({ ask: { slots: 2n } })
      yield* eventually(
        "a slot",
        Effect.map(sales.slots, (slots) => slots[0]?.name === "SaleFilled"),
      )
      yield* passUntil(request.expiry)
      assert.strictEqual((yield* sales.slots)[0]?.name, "SaleFilled")
      yield* pass(1n)
      assert.deepStrictEqual(
        (yield* sales.ended).map(({ name }) => name),
        ["SaleCancelled"],
      )
      assert.strictEqual(yield* host.freeBytes, slotSize)
      yield* sales.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n + 600n * 10n)
      yield* client.market.withdrawFunds(requestId)
      assert.strictEqual(before - (yield* client.market.tokens(client.account)), 600n * 10n)
      assert.strictEqual(yield* client.market.tokens(chain.contract), 0n)
      assert.include(
        yield* reasons,
        "Ended: The request was not filled before its expiry; the slot was paid for the time that it was stored.",
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("pays its host also when the client was refunded first", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const first = yield* host.run()
      const { request, requestId } = yield* client.request({ ask: { slots: 2n } })
      yield* eventually(
        "a slot",
        Effect.map(first.sales.slots, (slots) => slots[0]?.name === "SaleFilled"),
      )
      yield* first.stop
      yield* passUntil(request.expiry + 1n)
      yield* client.market.withdrawFunds(requestId)
      yield* host.run()
      yield* eventually(
        "the payout",
        Effect.map(host.tokens, (tokens) => tokens === 900n + 600n * 10n),
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("ends a download at its expiry, not a second before, and returns the space", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () => Effect.never
      const { reaches } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* passUntil(request.expiry)
      yield* reaches(slot(0n), "SaleDownloading")
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* pass(1n)
      yield* reaches(slot(0n), "SaleCancelled")
      assert.strictEqual(yield* host.freeBytes, slotSize)
      assert.deepStrictEqual(host.storage.calls, ["store 0", "clear 0"])
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a request that fails", () => {
  it.effect("pays its host for the time that it stored, and is cleared, long after the filling", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ slots: 1n })
      const { requestId, slot } = yield* client.request({ ask: { slots: 2n, maxSlotLoss: 0n } })
      yield* rivalFills(requestId, 0n)
      const { sales, reaches, reasons } = yield* host.run()
      yield* reaches(slot(1n), "SaleProving")
      yield* pass(2000n)
      yield* chain.forciblyFreeSlot(slot(0n).slotId)
      yield* reaches(slot(1n), "SaleFailed")
      assert.deepStrictEqual(yield* host.market.mySlots, [])
      assert.strictEqual(yield* host.freeBytes, slotSize)
      yield* sales.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n + 2000n * 10n)
      assert.include(
        yield* reasons,
        "Ended: The request failed, because too many of its slots were lost; the slot was paid for the time that it was stored.",
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "was paid by an earlier run of this node, which had no time to clear: that is done, and told as it was",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const chain = yield* MemoryChain
        const host = yield* makeHost({ slots: 1n })
        const { requestId, slot } = yield* client.request({ ask: { slots: 2n, maxSlotLoss: 0n } })
        yield* rivalFills(requestId, 0n)
        const first = yield* host.run({ dead: false, crash: { member: "freeSlot", when: "after" } })
        yield* first.reaches(slot(1n), "SaleProving")
        yield* pass(10n)
        yield* chain.forciblyFreeSlot(slot(0n).slotId)
        yield* settle
        assert.isTrue(first.life.dead)
        const second = yield* host.run()
        yield* second.reaches(slot(1n), "SaleFailed")
        assert.strictEqual(yield* host.freeBytes, slotSize)
        assert.strictEqual(yield* host.tokens, 900n + 10n * 10n)
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("ends a download of one of its freed slots, and returns the space", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () => Effect.never
      const { requestId, slot } = yield* client.request({ ask: { slots: 3n, maxSlotLoss: 1n } })
      for (const index of [0n, 1n, 2n]) yield* rivalFills(requestId, index)
      const { reaches } = yield* host.run()
      yield* chain.forciblyFreeSlot(slot(0n).slotId)
      yield* reaches(slot(0n), "SaleDownloading")
      yield* chain.forciblyFreeSlot(slot(1n).slotId)
      yield* reaches(slot(0n), "SaleFailed")
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a slot that is hosted", () => {
  it.effect("is cleared when slashing frees it, and not taken again by the host that lost it", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ slots: 1n })
      const { sales, reaches, reasons } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* chain.forciblyFreeSlot(slot(0n).slotId)
      yield* reaches(slot(0n), "SaleErrored")
      yield* settle
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.strictEqual(yield* host.freeBytes, slotSize)
      assert.deepStrictEqual(host.storage.calls, ["store 0", "prove 0", "clear 0"])
      assert.include((yield* reasons).join("\n"), "The slot was freed while we hosted it")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is on the list with its space until it has ended, and found among the ended ones afterwards", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { sales, reaches } = yield* host.run()
      const { slot, request } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      const [report] = yield* sales.slots
      assert.deepStrictEqual(report?.slot, slot(0n))
      assert.strictEqual(report?.reservation._tag, "Some")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.deepStrictEqual(
        (yield* sales.ended).map(({ slot }) => slot),
        [slot(0n)],
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("locks the collateral", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { sales, reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      const error = yield* Effect.flip(sales.withdrawCollateral)
      assert.strictEqual(error._tag, "AccountLocked")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a payout that the chain's newest block does not show yet", () => {
  it.effect("is asked for again with pauses, and the slot cleared once it shows", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let lags = true
      let asked = 0
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => ({
          freeSlot: (id) => {
            asked += 1
            return market.freeSlot(id)
          },
          slotState: (id) =>
            Effect.map(market.slotState(id), (state) => (state === "Paid" && lags ? "Finished" : state)),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot, request } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* settle
      assert.strictEqual(asked, 2)
      yield* pass(5n)
      assert.strictEqual(asked, 3)
      assert.notInclude(host.storage.calls, "clear 0")
      lags = false
      yield* pass(5n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.strictEqual(yield* host.freeBytes, slotSize)
      assert.strictEqual(yield* host.tokens, 900n + 36_000n)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("twenty sales", () => {
  it.effect("that have ended leave nothing on the list and all space free", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 20n, tokens: 2000n })
      const { sales } = yield* host.run()
      for (let i = 0; i < 20; i++) yield* client.request({ ask: { duration: 1000n } })
      yield* eventually(
        "twenty slots",
        Effect.map(sales.slots, (slots) => slots.length === 20),
      )
      yield* pass(1001n)
      yield* eventually(
        "none",
        Effect.map(sales.slots, (slots) => slots.length === 0),
      )
      assert.strictEqual((yield* sales.ended).length, 20)
      assert.strictEqual(yield* host.freeBytes, 20n * slotSize)
      assert.strictEqual(yield* host.collateral, 2000n)
      assert.strictEqual(yield* host.tokens, 200_000n)
    }).pipe(Effect.provide(layerChain)),
  )
})
