import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Deferred, Effect } from "effect"
import { layerChain, makeClient, makeHost, pass, rivalFills, settle, unreachable } from "./bed.ts"

describe("a request that does not fit", () => {
  it.effect("is looked at again when what stood in its way has gone while it was being looked at", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const answer = yield* Deferred.make<void>()
      let isSlow = false
      let canFill = false
      const host = yield* makeHost({
        tokens: 150n,
        faults: (market) => ({
          // Asked last: the slots have been counted already.
          tokens: (account) => Effect.andThen(isSlow ? Deferred.await(answer) : Effect.void, market.tokens(account)),
          fillSlot: (...slot) => Effect.suspend(() => (canFill ? market.fillSlot(...slot) : unreachable)),
        }),
      })
      const { sales, reaches } = yield* host.run()
      const first = yield* client.request()
      yield* reaches(first.slot(0n), "SaleFilling")
      isSlow = true
      const second = yield* client.request()
      yield* reaches(second.slot(0n), "SalePreparing")
      yield* rivalFills(first.requestId, 0n)
      yield* reaches(first.slot(0n), "SaleIgnored")
      yield* settle
      assert.strictEqual((yield* sales.slots).length, 1)
      isSlow = false
      canFill = true
      yield* Deferred.succeed(answer, undefined)
      yield* reaches(second.slot(0n), "SaleProving")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is looked at again each minute, and says only once why it waits", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const chain = yield* MemoryChain
      const host = yield* makeHost({ tokens: 99n })
      const { reaches, reasons, sales } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      yield* pass(180n)
      assert.strictEqual((yield* reasons).length, 1)
      assert.deepStrictEqual(yield* sales.backlog, { open: 0, shelved: 1 })
      yield* chain.mint(host.account, 1n)
      yield* pass(60n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(yield* host.collateral, 100n)
    }).pipe(Effect.provide(layerChain)),
  )
})
