import { assert, describe, it } from "@effect/vitest"
import type { RequestId } from "@pecia/contracts-abi"
import type { Life } from "@pecia/machine/testing"
import { Effect, Option } from "effect"
import {
  type ClientOptions,
  fail,
  layerChain,
  makeClient,
  makeHost,
  maxPrice,
  pass,
  passUntil,
  settle,
  start,
  terms,
  unreachable,
  wallet,
} from "./bed.ts"

/** A client that dies where `life` says and is started again whenever it is dead. */
const reviving = Effect.fnUntraced(function* (life: Life, options: ClientOptions = {}) {
  const client = yield* makeClient(options)
  const first = yield* client.run(life)
  let current = first
  const again = Effect.gen(function* () {
    yield* settle
    if (current === first && life.dead) current = yield* client.run()
    yield* settle
  })
  return { client, first, again, current: () => current }
})

const crashes = (["before", "after"] as const).flatMap((when) =>
  ["approveFunds", "requestStorage", "selectOffer", "getRequest", "selectedOffer", "contractState", "proofEnd"].map(
    (member) => ({ when, member }),
  ),
)

describe("a client that is killed and started again", () => {
  for (const { member, when } of crashes) {
    it.effect(`${when} ${member} goes on with its auction, which is paid once`, () =>
      Effect.gen(function* () {
        const life: Life = { dead: false }
        const { again, client, current, first } = yield* reviving(life)
        const host = yield* makeHost
        const [auction] = yield* first.auctions.open([terms()])
        const { id } = auction
        life.crash = { member, when }
        yield* again
        yield* current().reaches(id, "open")
        assert.strictEqual(yield* client.tokens, wallet - maxPrice)
        const offerId = yield* host.offer(id, 600n)
        yield* again
        yield* pass(150n)
        yield* again
        yield* pass(10n)
        yield* current().reaches(id, "selected")
        assert.strictEqual(yield* client.tokens, wallet - 600n)
        yield* host.market.startContract(offerId)
        yield* again
        yield* pass(60n)
        yield* again
        yield* current().reaches(id, "started")
        yield* passUntil(start + 3800n)
        yield* again
        yield* current().reaches(id, "finished")
        assert.isTrue(life.dead, "the crash has happened")
        assert.strictEqual((yield* client.records).length, 1)
        assert.strictEqual(yield* client.tokens, wallet - 600n)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  for (const when of ["before", "after"] as const) {
    for (const end of ["unsold", "notStarted", "failed"] as const) {
      it.effect(`${when} withdrawFunds has what is left of an auction (${end}) back, once`, () =>
        Effect.gen(function* () {
          const life: Life = { dead: false, crash: { member: "withdrawFunds", when } }
          const { again, client, current, first } = yield* reviving(life)
          const host = yield* makeHost
          const [{ id }] = yield* first.auctions.open([terms()])
          yield* settle
          if (end !== "unsold") {
            const offerId = yield* host.offer(id, 600n)
            yield* pass(150n)
            if (end === "failed") {
              yield* host.market.startContract(offerId)
              yield* fail(offerId)
              yield* again
              yield* host.market.finishContract(offerId)
            }
          }
          yield* passUntil(start + 600n)
          yield* again
          yield* current().reaches(id, end)
          assert.isTrue(life.dead, "the crash has happened")
          const earned = (yield* host.market.tokens(host.account)) - 900n
          assert.strictEqual(yield* client.tokens, wallet - earned)
          const auction = Option.getOrThrow(yield* current().auctions.find(id))
          const outcome = { unsold: "Unsold", notStarted: "NotStarted", failed: "Failed" }[end]
          assert.strictEqual((yield* auction.awaitEnd)._tag, outcome)
        }).pipe(Effect.provide(layerChain)),
      )
    }

    it.effect(`${when} the journal is written to goes on where the chain is`, () =>
      Effect.gen(function* () {
        const life: Life = { dead: false }
        const { again, client, current, first } = yield* reviving(life)
        const host = yield* makeHost
        const [{ id }] = yield* first.auctions.open([terms()])
        yield* first.reaches(id, "open")
        life.crash = { member: "save", when }
        yield* host.offer(id, 600n)
        yield* pass(150n)
        yield* again
        assert.isTrue(life.dead, "the crash has happened")
        yield* current().reaches(id, "selected")
        assert.strictEqual(yield* client.tokens, wallet - 600n)
      }).pipe(Effect.provide(layerChain)),
    )
  }

  it.effect("is not asked to pay for auctions that were not written down", () =>
    Effect.gen(function* () {
      const life: Life = { dead: false, crash: { member: "save", when: "before" } }
      const { again, client, current, first } = yield* reviving(life)
      yield* Effect.forkChild(first.auctions.open([terms(), terms()]), { startImmediately: true })
      yield* again
      assert.isTrue(life.dead)
      assert.deepStrictEqual(yield* current().auctions.reports, [])
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("does not say how many offers were made where it has no need to read them", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const host = yield* makeHost
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* settle
      const offerId = yield* host.offer(id, 600n)
      yield* pass(150n)
      yield* host.market.startContract(offerId)
      yield* pass(450n)
      assert.deepInclude(yield* first.report(id), { name: "started", offers: Option.some(1) })
      yield* first.stop
      const second = yield* client.run()
      assert.deepInclude(yield* second.report(id), { name: "started", offers: Option.none() })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sees the offers that were made before and while it was down", () =>
    Effect.gen(function* () {
      const from: Array<bigint | undefined> = []
      const client = yield* makeClient({
        market: ({ events }) => ({
          events: (options) => {
            from.push(options?.fromBlock)
            return events(options)
          },
        }),
      })
      const [before, during] = yield* Effect.all([makeHost, makeHost])
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* settle
      yield* before.offer(id, 600n)
      yield* first.stop
      yield* during.offer(id, 500n)
      const [record] = yield* client.records
      const second = yield* client.run()
      assert.deepInclude(yield* second.report(id), { name: "open", offers: Option.some(2) })
      // No earlier than it has to, with some blocks for a reorganisation; at first there was nothing to be missed.
      assert.isAbove(Number(record?.block), 0)
      assert.deepStrictEqual(from, [undefined, (record?.block ?? 0n) - 64n])
      yield* second.stop
      yield* passUntil(start + 600n)
      const third = yield* client.run()
      yield* third.reaches(id, "unsold")
      assert.strictEqual(from[2], undefined)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("knows the hosts of the dataset before it selects another one", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [cheap, dear] = yield* Effect.all([makeHost, makeHost])
      const first = yield* client.run()
      const [sold, open] = yield* first.auctions.open([terms(), terms({ slotIndex: 1 })])
      if (open === undefined) return assert.fail("two auctions")
      yield* settle
      const offerId = yield* cheap.offer(sold.id, 10n)
      yield* pass(150n)
      yield* first.reaches(sold.id, "selected")
      yield* cheap.market.startContract(offerId)
      yield* first.stop
      yield* cheap.offer(open.id, 10n)
      yield* dear.offer(open.id, 900n)
      const second = yield* client.run()
      yield* second.reaches(open.id, "selected")
      const report = yield* second.report(open.id)
      assert.strictEqual(Option.getOrThrow(report?.selected ?? Option.none()).offer.host, dear.account)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sees what happened while it was down: started and finished, or not started and paid back by another", () =>
    Effect.gen(function* () {
      const client = yield* makeClient()
      const [starts, never] = yield* Effect.all([makeHost, makeHost])
      const first = yield* client.run()
      const [one, two] = yield* first.auctions.open([terms(), terms({ slotIndex: 1 })])
      if (two === undefined) return assert.fail("two auctions")
      yield* settle
      const offerId = yield* starts.offer(one.id, 10n)
      yield* never.offer(two.id, 20n)
      yield* pass(150n)
      yield* first.stop
      yield* starts.market.startContract(offerId)
      yield* passUntil(start + 600n)
      yield* never.market.withdrawFunds(two.id)
      const second = yield* client.run()
      yield* second.reaches(one.id, "started")
      yield* second.reaches(two.id, "notStarted")
      yield* second.stop
      yield* passUntil(start + 3800n)
      const third = yield* client.run()
      yield* third.reaches(one.id, "finished")
      assert.strictEqual(yield* client.tokens, wallet - 10n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("sends a pending request again only as long as an offer to it could be selected", () =>
    Effect.gen(function* () {
      const offline = { value: true }
      const client = yield* makeClient({
        market: ({ approveFunds }) => ({
          approveFunds: (amount) => Effect.suspend(() => (offline.value ? unreachable : approveFunds(amount))),
        }),
      })
      const first = yield* client.run()
      const [early, late] = yield* first.auctions.open([terms({ expirySeconds: 100n }), terms()])
      if (late === undefined) return assert.fail("two auctions")
      yield* first.stop
      offline.value = false
      yield* pass(100n)
      const second = yield* client.run()
      yield* second.reaches(late.id, "open")
      yield* second.reaches(early.id, "errored")
      assert.deepStrictEqual(
        (yield* second.report(early.id))?.error,
        Option.some("The request was never accepted by the chain before it would have expired; nothing was paid."),
      )
      assert.strictEqual(yield* client.tokens, wallet - maxPrice)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("still shows the auctions that have ended, and asks nothing of those that did so long ago", () =>
    Effect.gen(function* () {
      const asked: Array<RequestId> = []
      const client = yield* makeClient({
        market: ({ getRequest }) => ({
          getRequest: (id) =>
            Effect.andThen(
              Effect.sync(() => asked.push(id)),
              getRequest(id),
            ),
        }),
      })
      const first = yield* client.run()
      const [{ id, request }] = yield* first.auctions.open([terms()])
      yield* pass(600n)
      yield* first.reaches(id, "unsold")
      yield* first.stop
      yield* pass(86_400n)
      asked.length = 0
      const second = yield* client.run()
      yield* pass(600n)
      assert.deepStrictEqual(asked, [])
      assert.strictEqual(yield* second.name(id), "unsold")
      const found = Option.getOrThrow(yield* second.auctions.find(id))
      assert.deepStrictEqual(found.request, request)
      assert.deepStrictEqual(yield* found.awaitEnd, { _tag: "Unsold" })
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("leaves an auction that has ended as it is, however often it is started again", () =>
    Effect.gen(function* () {
      const saved: Array<string> = []
      const client = yield* makeClient({
        journal: ({ save }) => ({
          save: (...records) =>
            Effect.andThen(
              Effect.sync(() => saved.push(...records.map(({ state }) => state._tag))),
              save(...records),
            ),
        }),
      })
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* pass(600n)
      yield* first.reaches(id, "unsold")
      yield* first.stop
      const [ended] = yield* client.records
      if (ended === undefined) return assert.fail("it was written down")
      assert.strictEqual(ended.since, start + 600n)
      saved.length = 0
      for (let i = 0; i < 3; i++) {
        yield* pass(40_000n)
        const again = yield* client.run()
        yield* pass(60n)
        yield* again.stop
      }
      assert.deepStrictEqual(saved, [])
      assert.deepStrictEqual(yield* client.records, [ended])
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with its journal lost leaves the auctions that are on the chain alone", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({
        journal: () => ({ open: Effect.succeed([]), all: Effect.succeed([]), get: () => Effect.succeedNone }),
      })
      const first = yield* client.run()
      const [{ id }] = yield* first.auctions.open([terms()])
      yield* settle
      yield* first.stop
      const second = yield* client.run()
      yield* pass(601n)
      assert.deepStrictEqual(yield* second.auctions.reports, [])
      assert.deepStrictEqual(yield* second.auctions.find(id), Option.none())
      // Whoever knows the id has it paid back to the client.
      yield* (yield* makeHost).market.withdrawFunds(id)
      assert.strictEqual(yield* client.tokens, wallet)
    }).pipe(Effect.provide(layerChain)),
  )
})
