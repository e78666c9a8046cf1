import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerChain, makeClient, makeHost, pass, reverted, terms, wallet } from "./bed.ts"

describe("a request", () => {
  it.effect("whose answer was lost is on the chain nevertheless, and followed there", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ requestStorage }) => ({
          requestStorage: (request) => Effect.andThen(requestStorage(request), reverted),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* reaches(id, "open")
      yield* pass(601n)
      yield* reaches(id, "unsold")
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that arrives after it was given up is taken up with its offers, sold or paid back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ requestStorage: () => reverted }) })
      const host = yield* makeHost
      const { auctions, reaches } = yield* client.run()
      const [sold, unsold] = yield* auctions.open([terms(), terms()])
      if (unsold === undefined) return assert.fail("two auctions")
      yield* reaches(sold.id, "errored")
      yield* reaches(unsold.id, "errored")
      // Approved they were; transactions thought lost are mined now.
      yield* client.market.requestStorage(sold.request)
      yield* client.market.requestStorage(unsold.request)
      yield* host.offer(sold.id, 10n)
      yield* reaches(sold.id, "open")
      yield* pass(150n)
      yield* reaches(sold.id, "selected")
      yield* pass(450n)
      yield* reaches(unsold.id, "unsold")
      yield* reaches(sold.id, "notStarted")
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )
})
