import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerChain, makeClient, makeHost, pass, passUntil, start } from "./bed.ts"

describe("a host", () => {
  it.effect("deposits, stores, proves, fills, hosts, is paid, and gives data and space back", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n })
      const { sales, reaches, reasons } = yield* host.run()
      const { request, slot } = yield* client.request({ ask: { slots: 1n } })
      yield* reaches(slot(0n), "SaleProving")
      assert.deepStrictEqual(host.storage.calls, ["store 0", "prove 0"])
      assert.strictEqual(yield* host.collateral, 100n)
      assert.strictEqual(yield* host.freeBytes, 0n)
      yield* passUntil(start + request.ask.duration)
      yield* reaches(slot(0n), "SaleProving")
      yield* pass(1n)
      yield* reaches(slot(0n), "SaleFinished")
      assert.deepStrictEqual(yield* sales.slots, [])
      assert.deepStrictEqual(host.storage.calls, ["store 0", "prove 0", "clear 0"])
      assert.strictEqual(yield* host.tokens, 900n + 36_000n)
      assert.strictEqual(yield* host.freeBytes, 65_536n)
      yield* sales.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n + 36_000n)
      assert.deepStrictEqual(yield* reasons, [
        "Taken: This host filled the slot.",
        "Ended: The request ran to its end and the slot was paid.",
      ])
    }).pipe(Effect.provide(layerChain)),
  )
})
