import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import { HostPolicy, SlotUnavailable } from "../src/index.ts"
import { eventually, layerChain, makeClient, makeHost, pass, rivalFills, settle, slotSize, start } from "./bed.ts"

describe("a host that looks for work", () => {
  it.effect("finds the requests that were made before it was started", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { slot } = yield* client.request()
      yield* pass(100n)
      const host = yield* makeHost()
      const { reaches } = yield* host.run()
      yield* reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("reads no request before the block that it is told to begin with", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const old = yield* client.request()
      const recent = yield* client.request()
      const host = yield* makeHost({ sales: { fromBlock: old.block + 1n } })
      const { reaches, name } = yield* host.run()
      yield* reaches(recent.slot(0n), "SaleProving")
      assert.strictEqual(yield* name(old.slot(0n)), undefined)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("takes several slots of a request as far as its space allows, and says why not more", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 2n })
      const { sales, reasons } = yield* host.run()
      yield* client.request({ ask: { slots: 3n } })
      yield* eventually(
        "two slots",
        Effect.map(sales.slots, (slots) => slots.length === 2),
      )
      assert.deepStrictEqual((yield* reasons).slice(0, 2), [
        "Taken: This host filled the slot.",
        "Taken: This host filled the slot.",
      ])
      assert.match(
        (yield* reasons)[2] ?? "",
        /^Postponed: .*too little free space \(65536 bytes needed, at most 0 free\)/,
      )
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("takes a request that did not fit when an availability is added and it is told to reconsider", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n })
      const { sales, reaches, reasons } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      yield* sales.reconsider
      yield* settle
      const why = yield* reasons
      assert.strictEqual(why.length, 1, "the same reason is not told again")
      assert.match(why[0] ?? "", /^Postponed: .*nothing is on offer/)
      yield* host.offer(slotSize)
      yield* sales.reconsider
      yield* reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("takes a request that did not fit when the space of an ended sale returns", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { sales, reaches } = yield* host.run()
      const short = yield* client.request({ ask: { duration: 1000n } })
      yield* reaches(short.slot(0n), "SaleProving")
      const long = yield* client.request({ ask: { duration: 9000n }, expiry: start + 5000n })
      yield* settle
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
      yield* pass(1001n)
      yield* reaches(short.slot(0n), "SaleFinished")
      yield* reaches(long.slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with one slot's space in each of ten availabilities holds five simultaneous slots in five of them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n, sales: { workers: 5 } })
      for (let i = 0; i < 10; i++) yield* host.offer(slotSize)
      host.storage.beforeStore = () => Effect.never
      yield* host.run()
      yield* Effect.all(
        Array.from({ length: 5 }, () => client.request()),
        { concurrency: "unbounded" },
      )
      yield* eventually(
        "five downloads",
        Effect.sync(() => host.storage.calls.length === 5),
      )
      const held = yield* host.reservations.reservations
      assert.strictEqual(new Set(held.map(({ availabilityId }) => availabilityId)).size, 5)
      assert.strictEqual(yield* host.freeBytes, 5n * slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sells a slot that takes up a whole availability, and has it back afterwards", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request({ ask: { duration: 1000n } })
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* pass(1001n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("refuses a request that makes no sense, with its reason, and lives on", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { reasons, reaches } = yield* host.run()
      yield* client.request({ ask: { reward: 0n } })
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual((yield* reasons)[0], "Refused: The request pays nothing; no host will take it.")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("takes what fits of a request of 65,535 slots, without going through them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 2n })
      const { sales } = yield* host.run()
      yield* client.request({ ask: { slots: 65_535n } })
      yield* eventually(
        "two slots",
        Effect.map(sales.slots, (slots) => slots.length === 2),
      )
      yield* settle
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("begins with a slot of its own and shares the slots of a request with other hosts", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const hosts = yield* Effect.forEach([1, 2, 3], () =>
        makeHost({ slots: 9n, policy: HostPolicy.layerOneSlotPerRequest }),
      )
      const runs = yield* Effect.forEach(hosts, (host) => host.run())
      const { requestId } = yield* client.request({ ask: { slots: 3n } })
      yield* eventually(
        "the request has started",
        Effect.map(
          client.market.requestState(requestId),
          (state) => state._tag === "Some" && state.value === "Started",
        ),
      )
      yield* settle
      for (const { sales } of runs) assert.strictEqual((yield* sales.slots).length, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("stops a download at once when another host fills the slot, and tries the next slot", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const interrupted: Array<bigint> = []
      let slow = true
      host.storage.beforeStore = ({ slotIndex }) =>
        slow ? Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(slotIndex))) : Effect.void
      const { sales, reaches, reasons } = yield* host.run()
      const { requestId, slot } = yield* client.request({ ask: { slots: 2n } })
      yield* eventually(
        "a download",
        Effect.sync(() => host.storage.calls.length === 1),
      )
      const [first] = yield* sales.slots
      const index = first?.slot.slotIndex ?? 0n
      slow = false
      const rival = yield* rivalFills(requestId, index)
      yield* reaches(slot(index), "SaleIgnored")
      yield* reaches(slot(1n - index), "SaleProving")
      assert.deepStrictEqual(interrupted, [index])
      assert.strictEqual((yield* reasons)[0], `Ended: Host ${rival.account} filled the slot first.`)
      assert.strictEqual(yield* host.freeBytes, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("skips slots that others have", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { requestId, slot } = yield* client.request({ ask: { slots: 4n } })
      for (const index of [0n, 1n, 3n]) yield* rivalFills(requestId, index)
      const host = yield* makeHost()
      const { reaches, sales } = yield* host.run()
      yield* reaches(slot(2n), "SaleProving")
      assert.strictEqual((yield* sales.slots).length, 1)
      assert.deepStrictEqual(host.storage.calls, ["store 2", "prove 2"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("offers itself again for a slot that another host lost, also long after the expiry", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { request, requestId, slot } = yield* client.request({ ask: { slots: 2n, duration: 9000n } })
      const rival = yield* rivalFills(requestId, 0n)
      yield* rivalFills(requestId, 1n)
      const host = yield* makeHost()
      const { reaches, sales } = yield* host.run()
      yield* pass(request.expiry - start + 100n)
      assert.deepStrictEqual(yield* sales.slots, [])
      yield* rival.freeSlot(slot(0n).slotId)
      yield* reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("goes through a request again when a slot that it had passed is freed meanwhile", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const { requestId, slot } = yield* client.request({ ask: { slots: 3n } })
      const rivals = [yield* rivalFills(requestId, 0n), yield* rivalFills(requestId, 1n)]
      const host = yield* makeHost()
      const downloading = yield* Deferred.make<void>()
      host.storage.beforeStore = ({ slotIndex }) => (slotIndex === 2n ? Deferred.await(downloading) : Effect.void)
      const { sales, reaches } = yield* host.run()
      yield* reaches(slot(2n), "SaleDownloading")
      for (const [index, rival] of rivals.entries()) yield* rival.freeSlot(slot(BigInt(index)).slotId)
      yield* settle
      yield* Deferred.succeed(downloading, undefined)
      yield* pass(10n)
      for (const index of [0n, 1n, 2n]) yield* reaches(slot(index), "SaleProving")
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 0 })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("keeps at most so many downloads going as it has workers; what it hosts needs none", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ sales: { workers: 2 } })
      const { sales } = yield* host.run()
      for (let i = 0; i < 3; i++) yield* client.request()
      const hosted = Effect.map(sales.slots, (all) => all.filter(({ name }) => name === "SaleProving").length)
      yield* eventually(
        "three hosted",
        Effect.map(hosted, (count) => count === 3),
      )
      host.storage.beforeStore = () => Effect.never
      for (let i = 0; i < 4; i++) yield* client.request()
      yield* settle
      const downloads = (yield* sales.slots).filter(({ name }) => name === "SaleDownloading")
      assert.strictEqual(downloads.length, 2)
      assert.deepStrictEqual(yield* sales.backlog, { open: 4, shelved: 0 })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("loses no request when more come than its queue can hold", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      for (let i = 0; i < 7; i++) yield* client.request()
      const host = yield* makeHost({ sales: { capacity: 2, workers: 1 } })
      const { sales } = yield* host.run()
      yield* eventually(
        "seven slots",
        Effect.map(sales.slots, (slots) => slots.length === 7),
      )
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("lets the oldest request make room when too many wait for space", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 0n, sales: { capacity: 2 } })
      const { sales, reasons } = yield* host.run()
      for (let i = 0; i < 3; i++) {
        yield* client.request()
        yield* settle
      }
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 2 })
      assert.include(yield* reasons, "Refused: Too many other requests wait for space.")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("ignores one request without ending the sale of another", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () => Effect.never
      const { reaches, reasons, sales } = yield* host.run()
      const wanted = yield* client.request()
      yield* reaches(wanted.slot(0n), "SaleDownloading")
      yield* client.request({ ask: { slotSize: 2n * slotSize } })
      yield* settle
      assert.match((yield* reasons).join(), /^Postponed: .*too little free space/)
      yield* reaches(wanted.slot(0n), "SaleDownloading")
      assert.strictEqual((yield* sales.slots).length, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("declines a slot whose data contradicts the request, clears it, and does not come back to it", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () =>
        Effect.fail(
          new SlotUnavailable({ detail: "The data does not have the root of the request.", isRetryable: false }),
        )
      const { sales, reaches, reasons } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleErrored")
      yield* sales.reconsider
      yield* settle
      assert.deepStrictEqual(host.storage.calls, ["store 0", "clear 0"])
      assert.deepStrictEqual(yield* reasons, ["Ended: The data does not have the root of the request."])
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("tells its decisions to those who follow them, the ones made before included", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { sales, reaches } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first.slot(0n), "SaleProving")
      const following = yield* Effect.forkChild(sales.decisions.pipe(Stream.take(2), Stream.runCollect), {
        startImmediately: true,
      })
      const second = yield* client.request()
      yield* reaches(second.slot(0n), "SaleProving")
      const decisions = following.pollUnsafe()
      assert.strictEqual(decisions?._tag, "Success")
      if (decisions?._tag !== "Success") return
      assert.deepStrictEqual(
        decisions.value.map(({ requestId, verdict, slotIndex, atSeconds }) => ({
          requestId,
          verdict,
          slotIndex,
          atSeconds,
        })),
        [first, second].map(({ requestId }) => ({
          requestId,
          verdict: "Taken" as const,
          slotIndex: 0n,
          atSeconds: start,
        })),
      )
    }).pipe(Effect.provide(layerChain)),
  )
})
