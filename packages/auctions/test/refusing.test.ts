import { assert, describe, it } from "@effect/vitest"
import { OpenRequestLimits } from "@pecia/contracts-abi"
import { Deferred, Effect, Exit, Fiber, Option } from "effect"
import type { AuctionTerms } from "../src/index.ts"
import { layerChain, makeClient, maxPrice, pass, settle, terms, unreachable, wallet } from "./bed.ts"

describe("an auction that makes no sense", () => {
  const senseless: ReadonlyArray<readonly [what: string, changes: Partial<AuctionTerms>, sentence: RegExp]> = [
    ["that pays nothing", { maxPrice: 0n }, /^The request pays nothing;/],
    ["that pays more than the contract can count", { maxPrice: OpenRequestLimits.maxPrice + 1n }, /2\^128 - 1/],
    ["that lasts no time", { duration: 0n }, /^The request lasts no time;/],
    ["shorter than a period of the contract", { duration: 9n }, /less than a period of 10;/],
    ["that expires now", { expirySeconds: 0n }, /already; no offer to it can be selected\.$/],
    ["that expired before the beginning of time", { expirySeconds: -(10n ** 80n) }, /already/],
    ["that expires later than can be counted", { expirySeconds: 2n ** 256n }, /later than the contract can count/],
    ["with more than one flaw", { size: 0n, proofProbability: 0n }, /has no size;.* The proof probability is 0;/],
    ["with a negative size", { size: -1n }, /from 0 to 2\^256 - 1\.$/],
    ["with half a slot", { slotIndex: 0.5 }, /^0\.5 is no index of a slot\.$/],
    ["with too long a name", { dataset: "x".repeat(101) }, /longer than 100 characters\.$/],
  ]
  for (const [what, changes, sentence] of senseless) {
    it.effect(`${what} is refused in a sentence, and those with it; nothing is sent or written down`, () =>
      Effect.gen(function* () {
        const client = yield* makeClient()
        const { auctions } = yield* client.run()
        const refusal = yield* Effect.flip(auctions.open([terms(), terms(changes), terms(changes)]))
        assert.strictEqual(refusal._tag, "SenselessAuction")
        assert.match(refusal.message, sentence)
        yield* pass(60n)
        assert.deepStrictEqual(yield* auctions.reports, [])
        assert.strictEqual(yield* client.tokens, wallet)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("in more than one slot for the same reason says so once", () =>
    Effect.gen(function* () {
      const { auctions } = yield* (yield* makeClient()).run()
      const refusal = yield* Effect.flip(auctions.open([terms({ maxPrice: 0n }), terms({ maxPrice: 0n })]))
      assert.strictEqual(refusal.message, "The request pays nothing; no host will offer.")
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("auctions that the account cannot pay", () => {
  it.effect("are refused with what they need and what there is: none of them is opened", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ tokens: 3n * maxPrice - 1n })
      const { auctions } = yield* client.run()
      const refusal = yield* Effect.flip(auctions.open([terms(), terms(), terms()]))
      assert.strictEqual(
        refusal.message,
        "The auctions may cost 3000 token base units, but the account has only 2999 to spend; get more tokens, or ask for fewer slots, a shorter duration or a lower price.",
      )
      yield* pass(60n)
      assert.deepStrictEqual(yield* auctions.reports, [])
      assert.strictEqual(yield* client.tokens, 3n * maxPrice - 1n)
      yield* auctions.open([terms(), terms()])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("are refused, too, when the tokens are promised to those that are on their way", () =>
    Effect.gen(function* () {
      const chainIsUp = yield* Deferred.make<void>()
      const client = yield* makeClient({
        tokens: 4n * maxPrice,
        market: ({ approveFunds, tokens }) => ({
          approveFunds: (amount) => Effect.andThen(Deferred.await(chainIsUp), approveFunds(amount)),
          tokens: (account) => Effect.tap(tokens(account), () => Effect.yieldNow),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const answers = yield* Effect.forEach([1, 2, 3], () => Effect.exit(auctions.open([terms(), terms()])), {
        concurrency: "unbounded",
      })
      assert.deepStrictEqual(answers.map(Exit.isSuccess), [true, true, false])
      const refusal = yield* Effect.flip(auctions.open([terms()]))
      assert.deepInclude(refusal, { _tag: "InsufficientTokens", available: 0n })
      yield* Deferred.succeed(chainIsUp, undefined)
      for (const { id } of yield* auctions.reports) yield* reaches(id, "open")
      assert.strictEqual(yield* client.tokens, 0n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("are not refused for the sake of one that is paid already but does not know it yet", () =>
    Effect.gen(function* () {
      const answers = yield* Deferred.make<void>()
      const client = yield* makeClient({
        tokens: 2n * maxPrice,
        market: ({ requestStorage }) => ({
          requestStorage: (request) => Effect.tap(requestStorage(request), () => Deferred.await(answers)),
        }),
      })
      const { auctions, name, reaches } = yield* client.run()
      const [first] = yield* auctions.open([terms()])
      yield* settle
      assert.strictEqual(yield* name(first.id), "pending")
      const [second] = yield* auctions.open([terms()])
      yield* Deferred.succeed(answers, undefined)
      yield* reaches(second.id, "open")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("because the tokens went elsewhere in the meantime end as errored, with that sentence", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        tokens: maxPrice,
        market: ({ approveFunds, deposit }) => ({
          // As if a host on the same account deposited.
          approveFunds: (amount) => approveFunds(2n * amount).pipe(Effect.andThen(Effect.orDie(deposit(1n)))),
        }),
      })
      const { auctions, reaches, report } = yield* client.run()
      const [{ id }] = yield* auctions.open([terms()])
      yield* reaches(id, "errored")
      assert.deepStrictEqual(
        (yield* report(id))?.error,
        Option.some(`${client.account} does not have that many tokens.`),
      )
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("auctions at the same time", () => {
  it.effect("approve anew what somebody else on the account has used up", () =>
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
      const { auctions, reaches } = yield* client.run()
      const opened = yield* auctions.open([terms(), terms(), terms()])
      yield* pass(10n)
      for (const { id } of opened) yield* reaches(id, "open")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("are listed, the oldest first, and each is found", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const { auctions } = yield* client.run()
      const opened = yield* auctions.open([terms(), terms({ slotIndex: 1 }), terms({ slotIndex: 2 })])
      yield* settle
      assert.strictEqual(new Set(opened.map(({ id }) => id)).size, 3)
      const reports = yield* auctions.reports
      assert.deepStrictEqual(
        reports,
        opened.map(({ id, request }, slotIndex) => ({
          ...{ id, request, dataset: "a dataset", slotIndex, name: "open" as const },
          ...{ error: Option.none(), offers: Option.some(0), selected: Option.none() },
        })),
      )
      for (const auction of opened) {
        assert.strictEqual(Option.getOrThrow(yield* auctions.find(auction.id)), auction)
      }
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("open", () => {
  it.effect("fails with the chain's error when the chain does not answer, and nothing is written down", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ market: () => ({ tokens: () => unreachable }) })
      const { auctions } = yield* client.run()
      assert.deepInclude(yield* Effect.flip(auctions.open([terms()])), { _tag: "ChainError" })
      assert.deepStrictEqual(yield* auctions.reports, [])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is interrupted either opens all of its auctions, which go on, or none", () =>
    Effect.gen(function* () {
      const saving = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const client = yield* makeClient({
        journal: ({ save }) => ({
          save: (...records) =>
            Deferred.succeed(saving, undefined).pipe(
              Effect.andThen(Deferred.await(goOn)),
              Effect.andThen(save(...records)),
            ),
        }),
      })
      const { auctions, reaches } = yield* client.run()
      const asking = yield* Effect.forkChild(auctions.open([terms(), terms()]))
      yield* Deferred.await(saving)
      const cutOff = yield* Effect.forkChild(Fiber.interrupt(asking), { startImmediately: true })
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(cutOff)
      const reports = yield* auctions.reports
      assert.strictEqual(reports.length, 2)
      for (const { id } of reports) yield* reaches(id, "open")
    }).pipe(Effect.provide(layerChain)),
  )
})
