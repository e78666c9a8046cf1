import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { bidVolume } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, settle, size } from "./bed.ts"

/** A host that keeps a contract, on a chain whose node can forget everything while it synchronises. */
const makeScene = Effect.gen(function* () {
  const client = yield* makeClient
  const chain = { isSynchronised: true, requestsLeft: 0 }
  const unlessForgotten = <A, E>(answer: Effect.Effect<Option.Option<A>, E>) =>
    Effect.suspend(() => (chain.isSynchronised ? answer : Effect.succeed(Option.none<A>())))
  const host = yield* makeHost({
    slots: 1n,
    faults: (market) => ({
      selectedOffer: (id) => unlessForgotten(market.selectedOffer(id)),
      getRequest: (id) =>
        Effect.suspend(() =>
          chain.requestsLeft-- > 0 ? market.getRequest(id) : unlessForgotten(market.getRequest(id)),
        ),
      getOffer: (id) => unlessForgotten(market.getOffer(id)),
    }),
  })
  const run = yield* host.run()
  const asked = yield* client.request()
  yield* run.reaches(asked, "offered")
  yield* client.select(host.account, asked, 20_000n)
  yield* run.reaches(asked, "started")
  return { asked, chain, client, host, run }
})

describe("a chain that knows nothing of a running contract", () => {
  it.effect("for less than ten minutes costs no data", () =>
    Effect.gen(function* () {
      const { asked, chain, host, run } = yield* makeScene
      chain.isSynchronised = false
      // The host looks every ten minutes.
      yield* pass(600n)
      yield* pass(590n)
      assert.deepStrictEqual(host.storage.calls, ["store"])
      chain.isSynchronised = true
      yield* pass(60n)
      yield* run.reaches(asked, "started")
      yield* pass(1200n)
      assert.deepStrictEqual(host.storage.calls, ["store"])
      assert.lengthOf(yield* run.bidding.contracts, 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("for longer is believed: the space comes back; once it knows the contract again, it is kept again", () =>
    Effect.gen(function* () {
      const { asked, chain, host, run } = yield* makeScene
      chain.isSynchronised = false
      yield* pass(600n)
      yield* pass(600n)
      yield* run.reaches(asked, "notSelected")
      assert.strictEqual(yield* host.freeBytes, size)
      chain.isSynchronised = true
      yield* pass(600n)
      yield* run.reaches(asked, "started")
      assert.deepStrictEqual(host.storage.calls, ["store", "clear", "store"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("when the host starts again costs no data either", () =>
    Effect.gen(function* () {
      const { asked, chain, host, run } = yield* makeScene
      yield* run.stop
      chain.isSynchronised = false
      const again = yield* host.run()
      yield* pass(590n)
      chain.isSynchronised = true
      yield* pass(60n)
      yield* again.reaches(asked, "started")
      assert.deepStrictEqual(host.storage.calls, ["store"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("when the host starts again, although it knew the request a moment ago, costs no data either", () =>
    Effect.gen(function* () {
      const { asked, chain, host, run } = yield* makeScene
      yield* run.stop
      chain.isSynchronised = false
      chain.requestsLeft = 1
      const again = yield* host.run()
      yield* pass(300n)
      chain.isSynchronised = true
      yield* pass(60n)
      yield* again.reaches(asked, "started")
      assert.deepStrictEqual(host.storage.calls, ["store"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "but tells that it was selected is asked for it until it knows, and other requests are taken meanwhile",
    () =>
      Effect.gen(function* () {
        const { asked, chain, client, host, run } = yield* makeScene
        yield* run.stop
        // Nothing but the chain remembers the contract.
        yield* host.reservations.giveBack(bidVolume(asked.requestId))
        host.storage.stored.clear()
        chain.isSynchronised = false
        const again = yield* host.run()
        yield* settle
        yield* host.offer(size)
        chain.isSynchronised = true
        yield* again.reaches(yield* client.request(), "offered")
        yield* pass(60n)
        yield* again.reaches(asked, "started")
      }).pipe(Effect.provide(layerChain)),
  )
})
