import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { layerChain, makeClient, makeHost, pass, passUntil, settle, start, terms, unreachable, wallet } from "./bed.ts"

describe("events", () => {
  it.effect("that arrive twice do no harm", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: (market) => ({
          events: (options) => Stream.flatMap(market.events(options), (event) => Stream.make(event, event)),
        }),
      })
      const host = yield* makeHost
      const { auctions, reaches, report } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* reaches(id, "open")
      const offerId = yield* host.offer(id, 600n)
      assert.deepInclude(yield* report(id), { offers: Option.some(1) })
      yield* pass(150n)
      yield* reaches(id, "selected")
      yield* host.market.startContract(offerId)
      yield* reaches(id, "started")
      assert.strictEqual(yield* client.tokens, wallet - 600n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("but for offers are not needed: start and end are seen all the same", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ events }) => ({
          events: (options) => Stream.filter(events(options), ({ _tag }) => _tag === "StorageOffered"),
        }),
      })
      const host = yield* makeHost
      const { auctions, name, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      const offerId = yield* host.offer(id, 600n)
      yield* pass(150n)
      yield* reaches(id, "selected")
      yield* host.market.startContract(offerId)
      yield* settle
      assert.strictEqual(yield* name(id), "selected")
      yield* pass(60n)
      yield* reaches(id, "started")
      yield* passUntil(start + 3751n)
      yield* reaches(id, "finished")
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
      const { auctions, reaches } = yield* client.run()
      yield* pass(10n)
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      yield* host.offer(id, 600n)
      yield* pass(150n)
      yield* reaches(id, "selected")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("of a thousand dear offers leave room for a cheap one", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [dear, cheap] = yield* Effect.all([makeHost, makeHost])
      const { auctions, reaches, report } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* settle
      for (let i = 0n; i < 1000n; i++) yield* dear.market.offerStorage(dear.toOffer(id, 900n, start + 600n + i))
      const offerId = yield* cheap.offer(id, 600n)
      yield* pass(150n)
      yield* reaches(id, "selected")
      const found = yield* report(id)
      assert.deepStrictEqual(found?.offers, Option.some(8 + 1))
      assert.strictEqual(Option.getOrThrow(found?.selected ?? Option.none()).offerId, offerId)
    }).pipe(Effect.provide(layerChain)),
  )
})
