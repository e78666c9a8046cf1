import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { layerChain, makeClient, makeHost, pass, passUntil, price, settle, start, terms } from "./bed.ts"

describe("a purchase", () => {
  it.effect("is sent, started and finished, strictly after the end of its request", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const { purchasing, name, reaches } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      assert.strictEqual(purchase.request.client, client.account)
      assert.strictEqual(purchase.request.expiry, start + 600n)
      const seen = yield* Effect.forkChild(Stream.runCollect(purchase.states), { startImmediately: true })
      const started = yield* Effect.forkChild(purchase.awaitStarted, { startImmediately: true })
      const end = yield* Effect.forkChild(purchase.awaitEnd, { startImmediately: true })
      yield* reaches(purchase.id, "submitted")
      assert.strictEqual(yield* client.tokens, 9n * price)
      yield* host.fill(purchase.id, purchase.request)
      yield* reaches(purchase.id, "started")
      yield* Fiber.join(started)
      yield* passUntil(start + 3600n)
      assert.strictEqual(yield* name(purchase.id), "started")
      yield* pass(1n)
      yield* reaches(purchase.id, "finished")
      assert.strictEqual((yield* Fiber.join(end))._tag, "Finished")
      assert.deepStrictEqual(
        (yield* Fiber.join(seen)).map(({ _tag }) => _tag),
        ["Pending", "Submitted", "Started", "Refunding", "Ended"],
      )
      assert.deepStrictEqual(yield* purchase.error, Option.none())
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that expires is paid back strictly after its expiry", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const { purchasing, name, reaches, report } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      const started = yield* Effect.forkChild(Effect.flip(purchase.awaitStarted), { startImmediately: true })
      yield* reaches(purchase.id, "submitted")
      yield* passUntil(start + 600n)
      assert.strictEqual(yield* name(purchase.id), "submitted")
      yield* pass(1n)
      yield* reaches(purchase.id, "cancelled")
      yield* settle
      assert.strictEqual(yield* client.tokens, 10n * price)
      const sentence =
        "The request was not filled before its expiry; its price was paid back, less what its hosts earned."
      assert.deepStrictEqual(yield* report(purchase.id), { name: "cancelled", error: sentence })
      assert.deepInclude(yield* Fiber.join(started), {
        _tag: "PurchaseEnded",
        name: "cancelled",
        detail: "The request was not filled before its expiry; what its hosts did not earn is being taken back.",
      })
      assert.strictEqual((yield* purchase.state)._tag, "Ended")
    }).pipe(Effect.provide(layerChain)),
  )
})
