import { assert, describe, it } from "@effect/vitest"
import { type Market, MemoryChain } from "@pecia/market"
import { Effect, Stream } from "effect"
import { layerChain, makeClient, makeHost, pass, passUntil, price, start, terms, unreachable } from "./bed.ts"

const twice = (market: Market["Service"]): Partial<Market["Service"]> => ({
  events: (options) => Stream.flatMap(market.events(options), (event) => Stream.make(event, event)),
})

describe("events", () => {
  it.effect("of fulfilment and failure that arrive twice do no harm (seed defect 17)", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: twice })
      const host = yield* makeHost
      const chain = yield* MemoryChain
      const { purchasing, reaches } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* reaches(id, "started")
      const [slot] = yield* host.market.mySlots
      if (slot === undefined) return assert.fail("the host has slots")
      yield* chain.forciblyFreeSlot(slot)
      yield* reaches(id, "failed")
      yield* pass(60n)
      assert.strictEqual(yield* client.tokens, 9n * price)
      // The service goes on.
      const next = yield* purchasing.purchase(terms)
      yield* reaches(next.id, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "that never arrive are not needed: a fulfilment is seen, and a running contract not taken for expired",
    () =>
      Effect.gen(function* () {
        const client = yield* makeClient({ market: () => ({ events: () => Stream.never }) })
        const host = yield* makeHost
        const { purchasing, reaches, name } = yield* client.run()
        const { id, request } = yield* purchasing.purchase(terms)
        yield* reaches(id, "submitted")
        yield* host.fill(id, request)
        assert.strictEqual(yield* name(id), "submitted")
        yield* passUntil(start + 601n)
        yield* reaches(id, "started")
        yield* passUntil(start + 3600n)
        assert.strictEqual(yield* name(id), "started")
        yield* pass(1n)
        yield* reaches(id, "finished")
      }).pipe(Effect.provide(layerChain)),
  )

  it.effect("of a fulfilment while the request was on its way are not missed", () =>
    Effect.gen(function* () {
      const host = yield* makeHost
      const client = yield* makeClient({
        market: ({ requestStorage }) => ({
          requestStorage: (request) =>
            Effect.tap(requestStorage(request), (id) => Effect.orDie(host.fill(id, request))),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      yield* purchase.awaitStarted
      yield* reaches(purchase.id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that cannot be read for a while are read again", () =>
    Effect.gen(function* () {
      let breaks = 3
      const client = yield* makeClient({
        market: ({ events }) => ({
          events: (options) => (breaks-- > 0 ? Stream.fromEffect(unreachable) : events(options)),
        }),
      })
      const host = yield* makeHost
      const { purchasing, reaches } = yield* client.run()
      yield* pass(10n)
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )
})
