import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Option } from "effect"
import { anAsk, layerChain, makeClient, makeHost, pass, price, settle, terms, unreachable } from "./bed.ts"

describe("a purchase that makes no sense", () => {
  const senseless = [
    { what: "without slots", ask: anAsk({ slots: 0n }), flaws: ["NoSlots"] },
    { what: "that pays nothing", ask: anAsk({ reward: 0n }), flaws: ["NoReward"] },
    {
      what: "with more than one flaw",
      ask: anAsk({ slots: 0n, slotSize: 1n, maxSlotLoss: 1n }),
      flaws: ["NoSlots", "UnevenSize", "TooManySlotLosses"],
    },
    {
      what: "whose reward the contract cannot count",
      ask: anAsk({ reward: 2n ** 256n - 1n }),
      flaws: ["RewardTooLarge"],
    },
    {
      what: "shorter than a period of the contract",
      ask: anAsk({ duration: 9n }),
      expirySeconds: 5n,
      flaws: ["DurationTooShort"],
    },
    { what: "that expires now", expirySeconds: 0n, flaws: ["AlreadyExpired"] },
    { what: "that expired before the beginning of time", expirySeconds: -(10n ** 80n), flaws: ["AlreadyExpired"] },
    { what: "that expires when it ends", expirySeconds: 3600n, flaws: ["ExpiresTooLate"] },
    { what: "that expires later than the contract can count", expirySeconds: 2n ** 256n, flaws: ["ExpiresTooLate"] },
  ]
  for (const { what, flaws, ...changes } of senseless) {
    it.effect(`${what} is refused with its flaws; nothing is sent or written down`, () =>
      Effect.gen(function* () {
        const client = yield* makeClient()
        const { purchasing } = yield* client.run()
        const refusal = yield* Effect.flip(purchasing.purchase({ ...terms, ...changes }))
        if (refusal._tag !== "SenselessRequest") return assert.fail(refusal.message)
        assert.deepStrictEqual(
          refusal.flaws.map(({ flaw }): string => flaw),
          flaws,
        )
        for (const { message } of refusal.flaws) assert.include(refusal.message, message)
        yield* pass(60n)
        assert.deepStrictEqual(yield* purchasing.purchases, [])
        assert.deepStrictEqual(yield* client.market.myRequests, [])
        assert.strictEqual(yield* client.tokens, 10n * price)
      }).pipe(Effect.provide(layerChain)),
    )
  }
})

describe("a purchase that the account cannot pay", () => {
  it.effect("is refused with what it needs and what there is; nothing is sent or written down", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ tokens: price - 1n })
      const { purchasing } = yield* client.run()
      const refusal = yield* Effect.flip(purchasing.purchase(terms))
      assert.deepInclude(refusal, { _tag: "InsufficientTokens", needed: price, available: price - 1n })
      assert.strictEqual(
        refusal.message,
        "The request costs 7200 token base units, but the account has only 7199 to spend; get more tokens, or ask for fewer slots, a shorter duration or a lower reward.",
      )
      assert.deepStrictEqual(yield* purchasing.purchases, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is refused, too, when the tokens are promised to one that is on its way", () =>
    Effect.gen(function* () {
      const chainIsUp = yield* Deferred.make<void>()
      const client = yield* makeClient({
        tokens: 2n * price,
        market: ({ approveFunds, tokens }) => ({
          approveFunds: (amount) => Effect.andThen(Deferred.await(chainIsUp), approveFunds(amount)),
          tokens: (account) => Effect.tap(tokens(account), () => Effect.yieldNow),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const answers = yield* Effect.forEach([1, 2, 3, 4], () => Effect.exit(purchasing.purchase(terms)), {
        concurrency: "unbounded",
      })
      assert.deepStrictEqual(answers.map(Exit.isSuccess), [true, true, false, false])
      assert.deepInclude(yield* Effect.flip(purchasing.purchase(terms)), {
        _tag: "InsufficientTokens",
        available: 0n,
      })
      yield* Deferred.succeed(chainIsUp, undefined)
      for (const { id } of yield* purchasing.purchases) yield* reaches(id, "submitted")
      assert.strictEqual(yield* client.tokens, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("is not refused for the sake of one that is paid already but does not know it yet", () =>
    Effect.gen(function* () {
      const answers = yield* Deferred.make<void>()
      const client = yield* makeClient({
        tokens: 2n * price,
        market: ({ requestStorage }) => ({
          requestStorage: (request) => Effect.tap(requestStorage(request), () => Deferred.await(answers)),
        }),
      })
      const { purchasing, reaches, name } = yield* client.run()
      const first = yield* purchasing.purchase(terms)
      yield* settle
      assert.strictEqual(yield* name(first.id), "pending")
      const second = yield* purchasing.purchase(terms)
      yield* Deferred.succeed(answers, undefined)
      yield* reaches(second.id, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because the tokens went elsewhere in the meantime ends as errored, with that sentence", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        tokens: price,
        market: ({ approveFunds, deposit }) => ({
          // As if a host on the same account deposited.
          approveFunds: (amount) => approveFunds(2n * amount).pipe(Effect.andThen(Effect.orDie(deposit(1n)))),
        }),
      })
      const { purchasing, reaches, report } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "errored")
      assert.strictEqual((yield* report(id)).error, `${client.account} does not have that many tokens.`)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("purchases at the same time", () => {
  it.effect("do not use up each other's allowance (seed defect 22)", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const { purchasing, reaches } = yield* client.run()
      const purchases = yield* Effect.forEach(
        [1n, 2n, 3n, 4n],
        (reward) => purchasing.purchase({ ...terms, ask: anAsk({ reward }) }),
        { concurrency: "unbounded" },
      )
      assert.strictEqual(new Set(purchases.map(({ id }) => id)).size, 4)
      for (const { id } of purchases) yield* reaches(id, "submitted")
      assert.strictEqual(yield* client.tokens, 0n)
      for (const { id, request } of purchases) yield* host.fill(id, request)
      for (const { id } of purchases) yield* reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("approve anew what somebody else on the account has used up (seed defect 22)", () =>
    Effect.gen(function* () {
      let steals = 2
      const client = yield* makeClient({
        market: ({ approveFunds, deposit }) => ({
          approveFunds: (amount) =>
            approveFunds(amount).pipe(
              Effect.andThen(Effect.suspend(() => (steals-- > 0 ? Effect.orDie(deposit(1n)) : Effect.void))),
            ),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* pass(10n)
      yield* reaches(id, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("purchase", () => {
  it.effect("fails with the chain's error when the chain does not answer, and nothing is written down", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ tokens: () => unreachable }) })
      const { purchasing } = yield* client.run()
      assert.deepInclude(yield* Effect.flip(purchasing.purchase(terms)), { _tag: "ChainError" })
      assert.deepStrictEqual(yield* purchasing.purchases, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is interrupted either is a purchase, and goes on, or is none", () =>
    Effect.gen(function* () {
      const saving = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const client = yield* makeClient({
        journal: ({ save }) => ({
          save: (record) =>
            Deferred.succeed(saving, undefined).pipe(
              Effect.andThen(Deferred.await(goOn)),
              Effect.andThen(save(record)),
            ),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const asking = yield* Effect.forkChild(purchasing.purchase(terms))
      yield* Deferred.await(saving)
      const cutOff = yield* Effect.forkChild(Fiber.interrupt(asking), { startImmediately: true })
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(cutOff)
      const [report] = yield* purchasing.purchases
      if (report === undefined) return assert.fail("the purchase was written down")
      yield* reaches(report.id, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("lists all purchases, the oldest first, and finds each", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const { purchasing } = yield* client.run()
      const made = yield* Effect.forEach([1, 2, 3], () => purchasing.purchase(terms))
      yield* settle
      assert.deepStrictEqual(
        yield* purchasing.purchases,
        made.map(({ id, request }) => ({ id, request, name: "submitted" as const, error: Option.none() })),
      )
      for (const purchase of made) {
        assert.strictEqual(Option.getOrThrow(yield* purchasing.find(purchase.id)), purchase)
      }
    }).pipe(Effect.provide(layerChain)),
  )
})
