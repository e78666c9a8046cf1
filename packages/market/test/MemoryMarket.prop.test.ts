import { assert, describe, it } from "@effect/vitest"
import { MarketplaceConfig, type SlotState } from "@pecia/contracts-abi"
import { Effect, Exit, Fiber, Option, Schema, Stream } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import type { MarketEvent } from "../src/index.ts"
import { MarketBed } from "../src/testing/index.ts"
import { newTeller } from "../src/testing/Scenario.ts"
import { RandomCalls, Step, type View, type World } from "./RandomCalls.ts"

const steps = Arbitrary.array(Arbitrary.schema(Step), { minLength: 60, maxLength: 90 })

/** The order in which four slots and two clients come for their money. */
const order = Arbitrary.array(Arbitrary.schema(Schema.Int), { minLength: 6, maxLength: 6 })

/** Hard on hosts: the second missed proof costs the slot. */
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 50n, slashCriterion: 1n, slashPercentage: 40n },
  proofs: { period: 10n, timeout: 9n, downtime: 20n },
})
const layerBed = MarketBed.layerMemory({ config })

const { price } = RandomCalls
const minted = 4n * RandomCalls.tokensEach
const total = (amounts: ReadonlyArray<bigint>) => amounts.reduce((sum, amount) => sum + amount, 0n)

/** The rows of the tables of section 3, and a failed slot is paid. */
const requestEdges = [
  "none New",
  "none Cancelled",
  "New Started",
  "New Cancelled",
  "Started Failed",
  "Started Finished",
]
const slotEdges = ["Free Filled", "Filled Free", "Filled Finished", "Filled Failed", "Finished Paid", "Failed Paid"]

const moves = (edges: ReadonlyArray<string>, from: string, to: string, by: string) => {
  if (from !== to) assert.include(edges, `${from} ${to}`, `by ${by}`)
}

type Law = (before: View, after: View, step: Step, exit: Exit.Exit<void, unknown>, world: World) => void

/** Makes the calls in the world and checks a law after each of them. */
const walkIn = Effect.fnUntraced(function* (world: World, path: ReadonlyArray<Step>, law: Law) {
  let before = yield* RandomCalls.look(world)
  for (const step of path) {
    const exit = yield* Effect.exit(RandomCalls.perform(world, step))
    const after = yield* RandomCalls.look(world)
    law(before, after, step, exit, world)
    before = after
  }
})

/** The same, in a world on a chain of its own. */
const walk = (path: ReadonlyArray<Step>, law: Law) =>
  Effect.flatMap(RandomCalls.makeWorld, (world) => walkIn(world, path, law)).pipe(Effect.provide(layerBed))

/** The books of the escrow, kept from what calls do to wallets and collaterals. */
const makeBooks = () => {
  const given = [0n, 0n] // to hosts and clients, of each request
  let burnt = 0n
  const law: Law = (before, after, step, exit) => {
    if (Exit.isFailure(exit)) return
    const verb = RandomCalls.verbOf(step)
    if (verb === "free" || verb === "withdrawFunds") {
      given[step.request] = (given[step.request] ?? 0n) + total(after.wallets) - total(before.wallets)
    }
    if (verb === "mark") burnt += total(before.collaterals) - total(after.collaterals)
    const held = after.requests.map((state, i) => (Option.isSome(state) ? price - (given[i] ?? 0n) : 0n))
    for (const left of held) assert.isTrue(left >= 0n)
    assert.strictEqual(after.contract, total(after.collaterals) + burnt + total(held))
  }
  return { law, given, burnt: () => burnt }
}

/** Everybody takes what is theirs, in some order, once all is over. */
const collect = Effect.fnUntraced(function* ({ bed, ids, markets, slots }: World, keys: ReadonlyArray<number>) {
  yield* bed.advanceTo((yield* bed.now) + RandomCalls.duration + 1n)
  const [client = assert.fail("no client")] = markets
  const claims = [
    ...slots.map((slot) =>
      Effect.flatMap(client.getHost(slot), (host) => {
        const owner = markets.find(({ account }) => Option.contains(host, account))
        return owner ? Effect.exit(owner.freeSlot(slot)) : Effect.void
      }),
    ),
    ...ids.map((id, i) => Effect.exit((markets[i] ?? client).withdrawFunds(id))),
  ]
  const inOrder = claims.map((claim, i) => ({ claim, key: keys[i] ?? 0 })).sort((a, b) => a.key - b.key)
  for (const { claim } of inOrder) yield* claim
  for (const market of markets) yield* market.withdraw
})

const options = { arbitrary: { runs: 40 } }

describe("MemoryMarket, under any calls", () => {
  it.effect.prop(
    "wallets and contract together hold what was minted, and the contract all the collateral",
    [steps],
    ([path]) =>
      walk(path, (_before, after) => {
        assert.strictEqual(total(after.wallets) + after.contract, minted)
        assert.isTrue(after.contract >= total(after.collaterals))
      }),
    options,
  )

  it.effect.prop(
    "the contract holds all collateral, what was burnt, and of each request the price without what was paid and refunded",
    [steps],
    ([path]) => walk(path, makeBooks().law),
    options,
  )

  it.effect.prop(
    "once all have collected, in any order, each request has given away its price, and only what was burnt is left",
    [steps, order],
    ([path, keys]) =>
      Effect.gen(function* () {
        const world = yield* RandomCalls.makeWorld
        const books = makeBooks()
        yield* walkIn(world, path, books.law)
        const before = yield* RandomCalls.look(world)
        yield* collect(world, keys)
        const after = yield* RandomCalls.look(world)
        const owed = before.requests.map((state, i) => (Option.isSome(state) ? price - (books.given[i] ?? 0n) : 0n))
        assert.strictEqual(total(after.wallets), total(before.wallets) + total(before.collaterals) + total(owed))
        assert.strictEqual(after.contract, books.burnt())
        assert.deepStrictEqual(after.mySlots, [[], [], [], []])
        assert.deepStrictEqual(after.myRequests, [[], [], [], []])
      }).pipe(Effect.provide(layerBed)),
    options,
  )

  it.effect.prop(
    "requests and slots move along the tables only",
    [steps],
    ([path]) =>
      walk(path, (before, after, step) => {
        const by = RandomCalls.verbOf(step)
        for (const [i, to] of after.requests.entries()) {
          const from = Option.flatten(Option.fromUndefinedOr(before.requests[i]))
          moves(
            requestEdges,
            Option.getOrElse(from, () => "none"),
            Option.getOrElse(to, () => "none"),
            by,
          )
        }
        for (const [i, to] of after.slots.entries()) moves(slotEdges, before.slots[i] ?? "none", to, by)
      }),
    options,
  )

  it.effect.prop(
    "a call that fails changes nothing",
    [steps],
    ([path]) =>
      walk(path, (before, after, _step, exit) => {
        if (Exit.isFailure(exit)) assert.deepStrictEqual(after, before)
      }),
    options,
  )

  it.effect.prop(
    "a host holds the slots that name it as their host until it is paid or has left",
    [steps],
    ([path]) =>
      walk(path, (_before, after, _step, _exit, { markets, slots }) => {
        for (const [i, slot] of slots.entries()) {
          const holders = markets.filter((_, m) => after.mySlots[m]?.includes(slot)).map(({ account }) => account)
          const host = Option.toArray(after.hosts[i] ?? Option.none())
          const state: SlotState | undefined = after.slots[i]
          assert.deepStrictEqual(holders, state === "Free" || state === "Paid" ? [] : host)
        }
      }),
    options,
  )

  it.effect.prop(
    "who follows the events from the start hears what a replay tells later",
    [steps],
    ([path]) =>
      Effect.gen(function* () {
        const world = yield* RandomCalls.makeWorld
        const heard: Array<MarketEvent> = []
        const { market, tell } = yield* newTeller
        const following = yield* Stream.runForEach(market.events({ fromBlock: 0n }), (event) =>
          Effect.sync(() => heard.push(event)),
        ).pipe(Effect.forkChild({ startImmediately: true }))
        for (const step of path) yield* Effect.exit(RandomCalls.perform(world, step))
        const last = yield* tell(1)
        const told = yield* market.events({ fromBlock: 0n }).pipe(
          Stream.takeUntil((event) => event._tag === "StorageRequested" && event.requestId === last),
          Stream.runCollect,
        )
        yield* Effect.yieldNow
        assert.deepStrictEqual(heard, told)
        yield* Fiber.interrupt(following)
      }).pipe(Effect.provide(layerBed)),
    options,
  )
})
