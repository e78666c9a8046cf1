import { assert, describe, it } from "@effect/vitest"
import { OpenRequest } from "@pecia/contracts-abi"
import type { Life } from "@pecia/machine/testing"
import { MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import { demandFor, eventually, layerChain, makeClient, makeHost, pass, passUntil, settle, size, start } from "./bed.ts"

/** Every call of a bid that changes something, from its beginning to its end. */
const members = [
  "reserve",
  "approveFunds",
  "deposit",
  "offerStorage",
  "store",
  "startContract",
  "finishContract",
  "clear",
  "giveBack",
]

const head = Effect.flatMap(MemoryChain, (chain) => chain.head)

describe("a host that is killed and started again", () => {
  for (const member of members) {
    for (const when of ["before", "after"] as const) {
      it.effect(`${when} ${member} goes on where it was, is paid once and gets its space and collateral back`, () =>
        Effect.gen(function* () {
          const client = yield* makeClient
          const host = yield* makeHost({ slots: 1n })
          const life: Life = { dead: false, crash: { member, when } }
          const first = yield* host.run(life)
          const asked = yield* client.request()
          let current = first
          const again = Effect.gen(function* () {
            yield* settle
            if (current === first && life.dead) current = yield* host.run()
            yield* settle
          })
          yield* again
          yield* pass(60n)
          yield* client.select(host.account, asked, 20_000n)
          yield* again
          yield* pass(60n)
          yield* again
          yield* passUntil(start + 600n + asked.request.duration)
          yield* again
          yield* pass(60n)
          yield* settle
          assert.isTrue(life.dead, "the crash has happened")
          // Once all was given back, the new run finds nothing to do.
          assert.include(["finished", undefined], yield* current.name(asked))
          assert.strictEqual(yield* host.freeBytes, size)
          assert.strictEqual(host.storage.stored.size, 0)
          yield* current.bidding.withdrawCollateral
          assert.strictEqual(yield* host.tokens, 1000n + 20_000n)
        }).pipe(Effect.provide(layerChain)),
      )
    }
  }

  for (const when of ["before", "after"] as const) {
    it.effect(`${when} withdrawFunds releases a contract that it could not start, and has its collateral back`, () =>
      Effect.gen(function* () {
        const client = yield* makeClient
        const host = yield* makeHost({ slots: 1n })
        host.storage.beforeStore = () => Effect.never
        const first = yield* host.run({ dead: false, crash: { member: "withdrawFunds", when } })
        const asked = yield* client.request()
        yield* first.reaches(asked, "offered")
        const before = yield* client.market.tokens(client.account)
        yield* client.select(host.account, asked, 20_000n)
        yield* passUntil(asked.request.expiry)
        yield* pass(60n)
        assert.isTrue(first.life.dead)
        const second = yield* host.run()
        yield* pass(60n)
        yield* second.reaches(asked, "notStarted")
        assert.deepStrictEqual(yield* second.bidding.bids, [])
        assert.strictEqual(yield* host.freeBytes, size)
        assert.strictEqual(yield* client.market.tokens(client.account), before + asked.request.maxPrice)
        yield* second.bidding.withdrawCollateral
        assert.strictEqual(yield* host.tokens, 1000n)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("while the contract runs keeps the data and is paid, without fetching it again", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      const offerId = yield* client.select(host.account, asked, 20_000n)
      yield* first.reaches(asked, "started")
      first.life.dead = true
      yield* pass(1000n)
      const second = yield* host.run()
      yield* second.reaches(asked, "started")
      assert.deepStrictEqual(yield* second.bidding.contracts, [{ offerId, request: asked.request }])
      assert.deepStrictEqual(host.storage.calls, ["store"])
      yield* passUntil(start + asked.request.duration + 1n)
      yield* second.reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("after its contract ended collects its pay", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* first.reaches(asked, "started")
      first.life.dead = true
      yield* pass(asked.request.duration + 100n)
      const second = yield* host.run()
      yield* second.reaches(asked, "finished")
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while its offer is open makes no other one, and is still selected by it", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost()
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      const { number } = yield* head
      first.life.dead = true
      const second = yield* host.run()
      yield* second.reaches(asked, "offered")
      assert.strictEqual((yield* head).number, number)
      yield* client.select(host.account, asked, 20_000n)
      yield* second.reaches(asked, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("during a download whose request expires meanwhile has its space back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      host.storage.beforeStore = () => Effect.never
      const first = yield* host.run()
      const asked = yield* client.request()
      yield* first.reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* first.reaches(asked, "downloading")
      assert.strictEqual(yield* host.freeBytes, 0n)
      first.life.dead = true
      yield* passUntil(asked.request.expiry)
      const second = yield* host.run()
      yield* pass(60n)
      yield* second.reaches(asked, "notStarted")
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("gives back what it holds for a request that the chain does not know", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      yield* host.reservations.reserve(demandFor(OpenRequest.id(client.compose()), "OfferMarket"))
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* host.run()
      yield* pass(590n)
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* pass(10n)
      yield* eventually(
        "free space",
        Effect.map(host.freeBytes, (free) => free === size),
      )
      assert.deepStrictEqual(host.storage.calls, ["clear"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves alone what holds space for the other market", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const held = yield* host.reservations.reserve(demandFor(OpenRequest.id(client.compose()), "Marketplace"))
      const { bidding } = yield* host.run()
      yield* pass(600n)
      assert.deepStrictEqual(yield* host.reservations.reservations, [held])
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.deepStrictEqual(host.storage.calls, [])
    }).pipe(Effect.provide(layerChain)),
  )
})
