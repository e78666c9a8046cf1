import { assert, describe, it } from "@effect/vitest"
import { type Address, MarketplaceOptions, type OfferId, type RequestId } from "@pecia/contracts-abi"
import { Effect, Layer, Option } from "effect"
import { type OpenAuction, SelectingStrategy, Selection } from "../src/index.ts"
import {
  layerChain,
  layerChainWith,
  makeClient,
  makeHost,
  makeHosts,
  maxPrice,
  pass,
  passUntil,
  settle,
  start,
  terms,
  wallet,
} from "./bed.ts"
import { aCandidate } from "./samples.ts"

const slots = [terms({ slotIndex: 0 }), terms({ slotIndex: 1 })] as const

type Run = Effect.Success<ReturnType<Effect.Success<ReturnType<typeof makeClient>>["run"]>>

/** The host that was selected. */
const hostOf = ({ report }: Run, id: RequestId) =>
  Effect.map(report(id), (found) => found && Option.getOrUndefined(found.selected)?.offer.host)

describe("an auction selects", () => {
  it.effect("the lowest price, of equal ones the earliest, and pays no more than that", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const hosts = yield* makeHosts(4)
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* run.reaches(id, "open")
      for (const [index, price] of [900n, 500n, 700n, 500n].entries())
        yield* hosts[index]?.offer(id, price) ?? Effect.void
      yield* pass(150n)
      yield* run.reaches(id, "selected")
      assert.strictEqual(yield* hostOf(run, id), hosts[1]?.account)
      assert.strictEqual(yield* client.tokens, wallet - 500n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("a late offer at once, and the first of them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [late, later] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* passUntil(start + 599n)
      yield* late.offer(id, maxPrice)
      yield* run.reaches(id, "selected")
      yield* later.offer(id, 1n)
      assert.strictEqual(yield* hostOf(run, id), late.account)
      yield* late.market.startContract(Option.getOrThrow(yield* client.market.selectedOffer(id)))
      yield* run.reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("for each slot of a dataset another host, though one is the cheapest for all of them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [cheap, dear] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const auctions = yield* run.auctions.open(slots)
      yield* settle
      for (const { id } of auctions) {
        yield* cheap.offer(id, 10n)
        yield* dear.offer(id, 20n)
      }
      yield* pass(150n)
      const hosts = yield* Effect.forEach(auctions, ({ id }) => hostOf(run, id))
      assert.deepStrictEqual(hosts.toSorted(), [cheap.account, dear.account].toSorted())
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("so also while the strategy takes its time and other selections are on their way", () =>
    Effect.gen(function* () {
      const lowest = yield* SelectingStrategy.pipe(Effect.provide(SelectingStrategy.layerLowestPrice()))
      const strategy = Layer.succeed(SelectingStrategy, {
        select: (auction) => Effect.delay(lowest.select(auction), "1 second"),
      })
      const client = yield* makeClient({
        strategy,
        market: ({ selectOffer }) => ({ selectOffer: (offerId) => Effect.delay(selectOffer(offerId), "4 seconds") }),
      })
      const hosts = yield* makeHosts(3)
      const run = yield* client.run()
      const auctions = yield* run.auctions.open([...slots, terms({ slotIndex: 2 })])
      yield* settle
      for (const { id } of auctions) {
        for (const [index, host] of hosts.entries()) yield* host.offer(id, BigInt(index))
      }
      for (let second = 0; second < 165; second++) yield* pass(1n)
      const selected = yield* Effect.forEach(auctions, ({ id }) => hostOf(run, id))
      assert.deepStrictEqual(selected.toSorted(), hosts.map(({ account }) => account).toSorted())
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("the host of another slot once half of the time has passed, when nobody else has offered", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const auctions = yield* run.auctions.open(slots)
      yield* settle
      for (const { id } of auctions) yield* host.offer(id, 10n)
      yield* passUntil(start + 299n)
      const names = Effect.forEach(auctions, ({ id }) => run.name(id))
      assert.deepStrictEqual((yield* names).toSorted(), ["open", "selected"])
      yield* pass(1n)
      assert.deepStrictEqual(yield* names, ["selected", "selected"])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("a host that keeps slots of another dataset, or whose contract for this one has failed to start", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const [first] = yield* run.auctions.open([terms()])
      const [other] = yield* run.auctions.open([terms({ dataset: "another dataset" })])
      yield* settle
      for (const { id } of [first, other]) yield* host.offer(id, 10n)
      yield* pass(150n)
      yield* run.reaches(first.id, "selected")
      yield* run.reaches(other.id, "selected")
      yield* pass(450n)
      yield* run.reaches(first.id, "notStarted")
      const [again] = yield* run.auctions.open([terms()])
      yield* settle
      yield* host.offer(again.id, 10n)
      yield* pass(150n)
      yield* run.reaches(again.id, "selected")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("the next host where one lacks collateral by then, and that one again once it has more", () =>
    Effect.gen(function* () {
      const tried: Array<OfferId> = []
      const client = yield* makeClient({
        market: ({ selectOffer }) => ({
          selectOffer: (offerId) =>
            Effect.andThen(
              Effect.sync(() => tried.push(offerId)),
              selectOffer(offerId),
            ),
        }),
      })
      const [poor, dear] = yield* Effect.all([makeHost, makeHost])
      const run = yield* client.run()
      const [first, second, third] = yield* run.auctions.open([
        terms({ dataset: "one" }),
        terms({ dataset: "two" }),
        terms({ dataset: "three" }),
      ])
      if (second === undefined || third === undefined) return assert.fail("three auctions")
      yield* settle
      yield* Effect.forEach([first, second, third], ({ id }) => poor.offer(id, 10n))
      yield* poor.offer(second.id, 11n)
      yield* dear.offer(second.id, 900n)
      // The collateral of each suffices for one slot.
      yield* pass(150n)
      assert.strictEqual(yield* hostOf(run, first.id), poor.account)
      assert.strictEqual(yield* hostOf(run, second.id), dear.account)
      assert.strictEqual(yield* run.name(third.id), "open")
      // All offers of a host that lacks collateral are left out at once: one try for each auction, and one more for the second.
      assert.strictEqual(tried.length, 4)
      yield* poor.deposit
      yield* pass(61n)
      assert.strictEqual(yield* hostOf(run, third.id), poor.account)
    }).pipe(Effect.provide(layerChainWith({ options: { ...MarketplaceOptions.standard, collateralPerSlot: true } }))),
  )

  it.effect("no offer that has expired, nor one that expires on the way", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        market: ({ selectOffer }) => ({
          // Four seconds until a block is mined.
          selectOffer: (offerId) => Effect.delay(selectOffer(offerId), "4 seconds"),
        }),
      })
      const [expired, expiring, lasting] = yield* Effect.all([makeHost, makeHost, makeHost])
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      yield* settle
      yield* expired.offer(id, 1n, start + 150n)
      yield* expiring.offer(id, 2n, start + 152n)
      yield* lasting.offer(id, 3n)
      for (let second = 0; second < 160; second++) yield* pass(1n)
      assert.strictEqual(yield* hostOf(run, id), lasting.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("nothing of what is offered to requests of others", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const other = yield* makeClient()
      const host = yield* makeHost
      const run = yield* client.run()
      const [{ id }] = yield* run.auctions.open([terms()])
      const [others] = yield* (yield* other.run()).auctions.open([terms()])
      yield* settle
      yield* host.offer(others.id, 1n)
      yield* pass(151n)
      assert.deepInclude(yield* run.report(id), { name: "open", offers: 0 })
      assert.deepStrictEqual(yield* run.auctions.report(others.id), Option.none())
    }).pipe(Effect.provide(layerChain)),
  )
})

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
