import { assert, describe, it } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { SlotNotFree } from "@pecia/market"
import { Deferred, Effect, Option, Stream } from "effect"
import { SlotUnavailable } from "../src/index.ts"
import {
  eventually,
  layerChain,
  lingering,
  makeClient,
  makeHost,
  pass,
  passUntil,
  rivalFills,
  settle,
  slotSize,
  start,
  unreachable,
} from "./bed.ts"

/** Fails so many times, then does what it should. */
const failing = <A, E, E2>(times: number, failure: Effect.Effect<never, E>, effect: Effect.Effect<A, E2>) => {
  let left = times
  return Effect.suspend((): Effect.Effect<A, E | E2> => (left-- > 0 ? failure : effect))
}

const failingEach = <Args extends ReadonlyArray<unknown>, A, E>(member: (...args: Args) => Effect.Effect<A, E>) => {
  const outage = failing(3, unreachable, Effect.void)
  return (...args: Args) => Effect.andThen(outage, member(...args))
}

describe("a sale", () => {
  it.effect("waits for data that cannot be had at the moment, and holds its space meanwhile", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () =>
        host.storage.calls.length < 4
          ? Effect.fail(new SlotUnavailable({ detail: "No peer has it.", isRetryable: true }))
          : Effect.void
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleDownloading")
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* pass(60n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(host.storage.calls.filter((call) => call === "store 0").length, 4)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("gives up data that never comes, so that its worker is free for others", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n, sales: { workers: 1 } })
      let fails = true
      host.storage.beforeStore = () =>
        fails ? Effect.fail(new SlotUnavailable({ detail: "No peer has it.", isRetryable: true })) : Effect.void
      const { reaches } = yield* host.run()
      const hopeless = yield* client.request({ ask: { duration: 90_000n }, expiry: start + 80_000n })
      yield* reaches(hopeless.slot(0n), "SaleDownloading")
      const good = yield* client.request({ ask: { duration: 90_000n }, expiry: start + 80_000n })
      yield* pass(1200n)
      yield* reaches(hopeless.slot(0n), "SaleErrored")
      fails = false
      yield* pass(60n)
      yield* reaches(good.slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("waits for a chain that does not answer, in every step, until it does", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => {
          const { requestEnd, slotState, getRequest, getChallenge, deposit, fillSlot, freeSlot } = market
          return {
            config: failing(3, unreachable, market.config),
            requestEnd: failingEach(requestEnd),
            slotState: failingEach(slotState),
            getRequest: failingEach(getRequest),
            getChallenge: failingEach(getChallenge),
            deposit: failingEach(deposit),
            fillSlot: failingEach(fillSlot),
            freeSlot: failingEach(freeSlot),
          }
        },
      })
      const { reaches } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* pass(400n)
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* reaches(slot(0n), "SalePayout")
      yield* pass(300n)
      yield* reaches(slot(0n), "SaleFinished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("hosts although the answer to its filling was lost: the chain says whose the slot is", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          fillSlot: (id, index, proof) => Effect.andThen(market.fillSlot(id, index, proof), unreachable),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      yield* reaches(slot(0n), "SaleProving")
      assert.notInclude(host.storage.calls, "clear 0")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is hosted without any event of its filling, and sees without any event that its request has ended", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => Stream.filter(market.events(options), ({ _tag }) => _tag === "StorageRequested"),
        }),
      })
      const { reaches } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* reaches(slot(0n), "SaleFinished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("does not cut off a filling that is on its way when the node stops", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const sent = yield* Deferred.make<void>()
      const mined = yield* Deferred.make<void>()
      const mining = yield* lingering(Deferred.await(mined))
      const host = yield* makeHost({
        faults: (market) => ({
          fillSlot: (id, index, proof) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(mining),
              Effect.ensuring(Effect.ignore(market.fillSlot(id, index, proof))),
            ),
        }),
      })
      const { stop } = yield* host.run()
      const { slot } = yield* client.request()
      yield* Deferred.await(sent)
      yield* settle
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* settle
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(mined, undefined)
      yield* settle
      assert.isDefined(stopping.pollUnsafe())
      assert.deepStrictEqual(yield* host.market.mySlots, [slot(0n).slotId])
    }).pipe(Effect.provide(layerChain)),
  )

  for (const member of ["deposit", "fillSlot", "freeSlot"] as const) {
    it.effect(`lets the node stop although the outcome of ${member} is never known`, () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        let sent = 0
        const lost = yield* lingering(Effect.never)
        const sending = Effect.suspend(() => {
          sent += 1
          return lost
        })
        const host = yield* makeHost({ faults: () => ({ [member]: () => sending }) })
        const { stop } = yield* host.run()
        const { request } = yield* client.request()
        yield* client.request()
        yield* settle
        if (member === "freeSlot") yield* passUntil(start + request.ask.duration + 1n)
        const atOnce = member === "deposit" ? 1 : 2
        yield* eventually(
          "all is sent",
          Effect.sync(() => sent === atOnce),
        )
        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* pass(9n)
        assert.isUndefined(stopping.pollUnsafe())
        yield* pass(1n)
        assert.isDefined(stopping.pollUnsafe())
        assert.strictEqual(sent, atOnce)
        assert.notInclude(host.storage.calls, "clear 0")
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("waits for its filling to be mined or refused before it clears a slot that another host got", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const mined = yield* Deferred.make<void>()
      const sent = yield* Deferred.make<void>()
      const host = yield* makeHost({
        faults: (market) => ({
          fillSlot: (id, index, proof) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(Deferred.await(mined)),
              Effect.andThen(market.fillSlot(id, index, proof)),
            ),
        }),
      })
      const rival = yield* makeHost()
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* Deferred.await(sent)
      const other = yield* rival.run()
      yield* other.reaches(slot(0n), "SaleProving")
      yield* settle
      assert.notInclude(host.storage.calls, "clear 0")
      yield* Deferred.succeed(mined, undefined)
      yield* reaches(slot(0n), "SaleIgnored")
      yield* settle
      assert.include(host.storage.calls, "clear 0")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("proves in the next period when an earlier host of the slot has proven it in this one", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const { requestId, slot } = yield* client.request({ ask: { slots: 2n } })
      const earlier = yield* rivalFills(requestId, 0n)
      yield* rivalFills(requestId, 1n)
      yield* earlier.freeSlot(slot(0n).slotId)
      const { reaches } = yield* host.run()
      yield* reaches(slot(0n), "SaleInitialProving")
      yield* pass(10n)
      yield* reaches(slot(0n), "SaleProving")
      assert.isTrue(Option.isSome(yield* client.market.requestState(requestId)))
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("tries again when the contract calls a slot taken that is free", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => {
          let refusals = 2
          return {
            fillSlot: (id, index, proof) =>
              Effect.suspend(() =>
                refusals-- > 0
                  ? Effect.fail(new SlotNotFree({ slotId: slotId(id, index) }))
                  : market.fillSlot(id, index, proof),
              ),
          }
        },
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleFilling")
      yield* pass(10n)
      yield* reaches(slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("collects its payment in the end, however often the contract refuses", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        slots: 1n,
        faults: (market) => {
          const frees = failing(10, unreachable, Effect.void)
          return { freeSlot: (id) => Effect.andThen(frees, market.freeSlot(id)) }
        },
      })
      const { reaches } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      for (let i = 0; i < 30; i++) yield* pass(30n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.strictEqual(yield* host.tokens, 900n + 36_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("clears in the end, however often the disk refuses", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const disk = failing(
        5,
        Effect.fail(new SlotUnavailable({ detail: "The disk is read-only.", isRetryable: false })),
        Effect.void,
      )
      host.storage.beforeClear = () => disk
      const { reaches, sales } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.strictEqual((yield* sales.slots).length, 1)
      for (let i = 0; i < 10; i++) yield* pass(30n)
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("does not lose its worker to a fault of the data plane", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ sales: { workers: 1 } })
      host.storage.beforeStore = () =>
        host.storage.calls.length === 1 ? Effect.die(new Error("a fault of the program")) : Effect.void
      const { reaches, reasons } = yield* host.run()
      const first = yield* client.request()
      const second = yield* client.request()
      yield* reaches(first.slot(0n), "SaleErrored")
      yield* reaches(second.slot(0n), "SaleProving")
      assert.include(yield* reasons, "Ended: a fault of the program")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("the events of the market", () => {
  it.effect("may come twice, late, or for slots that nobody sells here", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => Stream.flatMap(market.events(options), (event) => Stream.make(event, event)),
        }),
      })
      const { reaches, sales } = yield* host.run()
      const { request, slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      yield* passUntil(start + request.ask.duration + 1n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.deepStrictEqual(host.storage.calls, ["store 0", "prove 0", "clear 0"])
      assert.deepStrictEqual(yield* sales.slots, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("are read on from where reading broke off", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let broken = false
      const from: Array<bigint | undefined> = []
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) => {
            from.push(options?.fromBlock)
            return Stream.mapEffect(market.events(options), (event) => (broken ? unreachable : Effect.succeed(event)))
          },
        }),
      })
      const { reaches, name } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first.slot(0n), "SaleProving")
      broken = true
      const second = yield* client.request()
      yield* settle
      assert.strictEqual(yield* name(second.slot(0n)), undefined)
      broken = false
      yield* pass(60n)
      yield* reaches(second.slot(0n), "SaleProving")
      assert.strictEqual(from.filter((block) => block === 0n).length, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("are followed twice by a host, whatever it sells, and not at all when it has stopped", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let open = 0
      const host = yield* makeHost({
        faults: (market) => ({
          events: (options) =>
            Stream.unwrap(
              Effect.sync(() => {
                open += 1
                return Stream.ensuring(
                  market.events(options),
                  Effect.sync(() => {
                    open -= 1
                  }),
                )
              }),
            ),
        }),
      })
      const { sales, stop } = yield* host.run()
      for (let i = 0; i < 4; i++) yield* client.request()
      yield* eventually(
        "four slots",
        Effect.map(sales.slots, (slots) => slots.length === 4),
      )
      assert.strictEqual(open, 2)
      yield* stop
      assert.strictEqual(open, 0)
    }).pipe(Effect.provide(layerChain)),
  )
})
