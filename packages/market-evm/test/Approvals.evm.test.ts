import { assert, layer } from "@effect/vitest"
import { Devnet } from "@pecia/devnet"
import { InsufficientAllowance, type Market } from "@pecia/market"
import { Effect, Exit, Fiber } from "effect"
import { TestDeployment } from "./AnvilBed.ts"
import { mineByHand, nodeBefore, openMarkets } from "./DevnetControl.ts"
import { newOffers, offer, start } from "./Scene.ts"

const all = { concurrency: "unbounded" } as const

/** How many transactions of the account were mined. */
const minedOf = (market: Market["Service"]) =>
  Effect.flatMap(Devnet, (devnet) =>
    Effect.map(devnet.rpc("eth_getTransactionCount", [market.account, "latest"]), Number),
  )

/** The contract may take so many of the account's tokens, which has more, and none beyond. */
const allows = Effect.fnUntraced(function* (market: Market["Service"], amount: bigint) {
  yield* market.deposit(amount)
  assert.instanceOf(yield* Effect.flip(market.deposit(1n)), InsufficientAllowance)
})

layer(TestDeployment.layer, { excludeTestServices: true, timeout: "60 seconds" })("approveFunds", (it) => {
  it.effect("50 at once add up, in at most 2 transactions", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())(2000n)
      const amounts = Array.from({ length: 50 }, (_, i) => BigInt(i))
      yield* Effect.forEach(amounts, market.approveFunds, all)
      assert.isAtMost(yield* minedOf(market), 2)
      yield* allows(market, 1225n)
    }),
  )

  it.effect(
    "20 slots are paid within a few blocks, one by one or at once, and a write in between waits no longer",
    () =>
      Effect.gen(function* () {
        const market = yield* (yield* openMarkets())(100n)
        const offers = yield* newOffers(market, 20)
        const { mine, mining, pooled } = yield* mineByHand
        const first = yield* start(market.approveFunds(1n))
        yield* pooled(1)
        const slots = yield* start(
          Effect.forEach(offers, (slot) => Effect.andThen(market.approveFunds(1n), market.requestStorage(slot)), all),
        )
        const meanwhile = yield* start(offer(market))
        yield* mine
        yield* Fiber.join(first)
        yield* pooled(2) // one approval for all of them, and the write that came meanwhile
        yield* mine
        yield* Fiber.join(meanwhile)
        yield* pooled(16)
        yield* mine
        yield* pooled(4)
        yield* mine
        yield* Fiber.join(slots)
        yield* mining(allows(market, 21n))
      }),
  )

  it.effect("what fails fails all that share it, and leaves nothing", () =>
    Effect.gen(function* () {
      let refused = 0
      let refuses = true
      const { url } = yield* nodeBefore((call, ask) => {
        if (!refuses || call.method !== "eth_sendRawTransaction") return ask(call)
        refused += 1
        return { error: { code: -32003, message: "insufficient funds for gas * price + value" } }
      })
      const market = yield* (yield* openMarkets(url))(100n)
      const exits = yield* Effect.forEach([1n, 2n, 3n], (amount) => Effect.exit(market.approveFunds(amount)), all)
      assert.deepStrictEqual(exits.map(Exit.isFailure), [true, true, true])
      assert.strictEqual(refused, 1)
      refuses = false
      yield* market.approveFunds(10n)
      yield* allows(market, 10n)
    }),
  )

  it.effect("who is interrupted before it is sent takes his amount with him; the others get theirs", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())(100n)
      const { mining, pooled } = yield* mineByHand
      const before = yield* start(offer(market))
      yield* pooled(1)
      const first = yield* start(market.approveFunds(1n))
      const second = yield* start(market.approveFunds(2n))
      const third = yield* start(market.approveFunds(4n))
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(third)
      yield* mining(Effect.andThen(Fiber.join(before), Fiber.join(second)))
      assert.strictEqual(yield* minedOf(market), 2)
      yield* mining(allows(market, 2n))
    }),
  )

  it.effect("is not sent when all who wait for it are interrupted, and the next one starts anew", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())(100n)
      const { mining, pooled } = yield* mineByHand
      const before = yield* start(offer(market))
      yield* pooled(1)
      const leaving = yield* Effect.forEach([1n, 2n], (amount) => start(market.approveFunds(amount)))
      yield* Fiber.interruptAll(leaving)
      const next = yield* start(market.approveFunds(8n))
      yield* mining(Effect.andThen(Fiber.join(before), Fiber.join(next)))
      yield* mining(allows(market, 8n))
    }),
  )

  it.effect("who is interrupted after it was sent waits for its outcome, and the others are not hurt", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())(100n)
      const { mine, mining, pooled } = yield* mineByHand
      const first = yield* start(market.approveFunds(1n))
      const second = yield* start(market.approveFunds(2n))
      yield* pooled(1)
      const leaving = yield* start(Fiber.interrupt(first))
      assert.isUndefined(leaving.pollUnsafe())
      yield* mine
      yield* Fiber.join(leaving)
      yield* Fiber.join(second)
      yield* mining(allows(market, 3n))
    }),
  )
})
