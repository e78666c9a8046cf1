import { assert, describe, it } from "@effect/vitest"
import type { Address } from "@pecia/contracts-abi"
import { Effect, Layer } from "effect"
import { type OpenAuction, SelectingStrategy, Selection } from "../src/index.ts"
import { hostOf, layerChain, makeClient, makeHost, pass, settle, slots, start, terms } from "./bed.ts"
import { aCandidate } from "./samples.ts"

describe("a strategy of one's own", () => {
  it.effect("sees the offers in their order and the hosts of the dataset, and is followed", () =>
    Effect.gen(function* () {
      const asked: Array<OpenAuction> = []
      const strategy = Layer.succeed(SelectingStrategy, {
        select: (auction) => {
          asked.push(auction)
          const last = auction.candidates.at(-1)
          return Effect.succeed(
            auction.now < start + 20n || last === undefined
              ? Selection.Wait({ until: start + 20n })
              : Selection.Select({ offerId: last.offerId }),
          )
        },
      })
      const client = yield* makeClient({ strategy })
      const [one, two] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [first, second] = yield* run.auctions.open(slots)
      if (second === undefined) return assert.fail("two auctions")
      yield* settle
      const offers = [yield* one.offer(first.id, 1n), yield* two.offer(first.id, 2n)]
      const ofLast = asked.at(-1)
      assert.deepInclude(ofLast, {
        requestId: first.id,
        openedAt: start,
        now: start,
        hostsOfDataset: new Set<Address>(),
      })
      assert.deepStrictEqual(
        ofLast?.candidates.map(({ offerId }) => offerId),
        offers,
      )
      yield* pass(19n)
      assert.strictEqual(yield* run.name(first.id), "open")
      yield* pass(1n)
      assert.strictEqual(yield* hostOf(run, first.id), two.account)
      yield* one.offer(second.id, 1n)
      assert.deepStrictEqual(asked.at(-1)?.hostsOfDataset, new Set([two.account]))
      assert.strictEqual(yield* hostOf(run, second.id), one.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that wants what is no candidate, or breaks, is asked again, and the node goes on", () =>
    Effect.gen(function* () {
      const errors: Array<Effect.Effect<Selection>> = [
        Effect.succeed(Selection.Select({ offerId: aCandidate(9).offerId })),
        Effect.die(new Error("broken")),
      ]
      const strategy = Layer.succeed(SelectingStrategy, {
        select: ({ candidates: [first] }) =>
          errors.shift() ??
          Effect.succeed(first ? Selection.Select({ offerId: first.offerId }) : Selection.Wait({ until: 0n })),
      })
      const client = yield* makeClient({ strategy })
      const host = yield* makeHost
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* settle
      yield* host.offer(id, 1n)
      assert.strictEqual(yield* run.name(id), "open")
      yield* pass(5n)
      assert.strictEqual(yield* run.name(id), "selected")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that waits for what is past is asked no more than once a second", () =>
    Effect.gen(function* () {
      let asked = 0
      const strategy = Layer.succeed(SelectingStrategy, {
        select: () =>
          Effect.sync(() => {
            asked += 1
            return Selection.Wait({ until: 0n })
          }),
      })
      const client = yield* makeClient({ strategy })
      const host = yield* makeHost
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* settle
      yield* host.offer(id, 1n)
      for (let second = 0; second < 10; second++) yield* pass(1n)
      assert.isAtLeast(asked, 10)
      assert.isAtMost(asked, 12)
    }).pipe(Effect.provide(layerChain)),
  )
})
