import { assert, describe, it } from "@effect/vitest"
import { StorageRequest } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import { PurchaseJournalError } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, passUntil, price, start, terms, whileDown } from "./bed.ts"
import { aRecord } from "./journalSuite.ts"

describe("a chain that does not answer", () => {
  it.effect("while purchases are restored is asked again until it does (seed defect 9)", () =>
    Effect.gen(function* () {
      const down = { value: false }
      const client = yield* makeClient({ market: whileDown(down) })
      const host = yield* makeHost
      const first = yield* client.run()
      const { id, request } = yield* first.purchasing.purchase(terms)
      yield* first.reaches(id, "submitted")
      yield* first.stop
      yield* host.fill(id, request)
      down.value = true
      const second = yield* client.run()
      yield* pass(300n)
      assert.strictEqual(yield* second.name(id), "submitted")
      down.value = false
      yield* pass(30n)
      yield* second.reaches(id, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while a purchase runs ends neither the purchase nor the node (seed defect 21)", () =>
    Effect.gen(function* () {
      const down = { value: false }
      const client = yield* makeClient({ market: whileDown(down) })
      const host = yield* makeHost
      const { purchasing, reaches, name } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      down.value = true
      // The end of the request is asked for on entering this state.
      yield* host.fill(id, request)
      yield* pass(300n)
      assert.strictEqual(yield* name(id), "submitted")
      down.value = false
      yield* pass(30n)
      yield* reaches(id, "started")
      down.value = true
      yield* passUntil(start + 4000n)
      assert.strictEqual(yield* name(id), "started")
      down.value = false
      yield* pass(30n)
      yield* reaches(id, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("when it is asked for the end of a started request is asked again (seed defect 21)", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const client = yield* makeClient({
        market: (market) => ({ requestEnd: whileDown(down)(market).requestEnd ?? market.requestEnd }),
      })
      const host = yield* makeHost
      const { purchasing, reaches } = yield* client.run()
      const { id, request } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* host.fill(id, request)
      yield* reaches(id, "started")
      yield* pass(300n)
      down.value = false
      yield* passUntil(start + 3601n)
      yield* pass(30n)
      yield* reaches(id, "finished")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("while a request that only the chain knows is taken up is asked again until it does (seed defect 9)", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const client = yield* makeClient({
        market: (market) => ({ getRequest: whileDown(down)(market).getRequest ?? market.getRequest }),
      })
      const { request, id } = aRecord(1)
      const ours = new StorageRequest({ ...request, client: client.account })
      yield* client.market.approveFunds(price)
      const requestId = yield* client.market.requestStorage(ours)
      assert.notStrictEqual(requestId, id)
      const { reaches, name } = yield* client.run()
      yield* pass(60n)
      assert.isUndefined(yield* name(requestId))
      down.value = false
      yield* pass(30n)
      yield* reaches(requestId, "submitted")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("with the time that the clock shows already is asked every few seconds, not without end", () =>
    Effect.gen(function* () {
      let asked = 0
      const client = yield* makeClient({
        market: ({ requestState }) => ({
          requestState: (id) =>
            Effect.tap(
              // The chain is behind: the request has not expired there.
              Effect.map(requestState(id), (state) => Option.map(state, () => "New" as const)),
              () =>
                Effect.sync(() => {
                  asked += 1
                }),
            ),
        }),
      })
      const { purchasing, reaches } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* reaches(id, "submitted")
      yield* passUntil(start + 601n)
      asked = 0
      yield* pass(60n)
      assert.isAtLeast(asked, 10)
      assert.isAtMost(asked, 14)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("delays a request, which is sent as soon as it does, with one price approved and paid", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const approved: Array<bigint> = []
      const client = yield* makeClient({
        market: (market) => {
          const guarded = whileDown(down)(market)
          return {
            requestStorage: guarded.requestStorage ?? market.requestStorage,
            approveFunds: (amount) =>
              Effect.andThen(
                Effect.sync(() => approved.push(amount)),
                market.approveFunds(amount),
              ),
          }
        },
      })
      const { purchasing, reaches, name } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* pass(300n)
      assert.strictEqual(yield* name(id), "pending")
      down.value = false
      yield* pass(30n)
      yield* reaches(id, "submitted")
      assert.deepStrictEqual(approved, [price])
      assert.strictEqual(yield* client.tokens, 9n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("until the expiry leaves nothing sent and nothing paid, then or later", () =>
    Effect.gen(function* () {
      const down = { value: true }
      const client = yield* makeClient({
        market: (market) => ({ approveFunds: whileDown(down)(market).approveFunds ?? market.approveFunds }),
      })
      const { purchasing, reaches, report } = yield* client.run()
      const { id } = yield* purchasing.purchase(terms)
      yield* passUntil(start + 601n)
      yield* reaches(id, "errored")
      down.value = false
      yield* pass(600n)
      assert.deepStrictEqual(yield* report(id), {
        name: "errored",
        error: "The request was never accepted by the chain before it would have expired; nothing was paid.",
      })
      assert.deepStrictEqual(yield* client.market.myRequests, [])
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("delays a refund, for as long as it takes, but does not lose it", () =>
    Effect.gen(function* () {
      const down = { value: false }
      const client = yield* makeClient({
        market: (market) => ({ withdrawFunds: whileDown(down)(market).withdrawFunds ?? market.withdrawFunds }),
      })
      const { purchasing, reaches, report } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      yield* reaches(purchase.id, "submitted")
      down.value = true
      yield* pass(100_000n)
      assert.strictEqual((yield* purchase.state)._tag, "Refunding")
      assert.deepStrictEqual(yield* report(purchase.id), {
        name: "cancelled",
        error: "The request was not filled before its expiry; what its hosts did not earn is being taken back.",
      })
      down.value = false
      yield* pass(30n)
      assert.deepStrictEqual(yield* purchase.awaitEnd, { _tag: "Cancelled" })
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )
})

describe("a journal that cannot be written", () => {
  const fails = Effect.fail(new PurchaseJournalError({ operation: "save", cause: new Error("disk full") }))

  it.effect("refuses a purchase before anything is sent", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ journal: () => ({ save: () => fails }) })
      const { purchasing } = yield* client.run()
      assert.deepInclude(yield* Effect.flip(purchasing.purchase(terms)), { _tag: "PurchaseJournalError" })
      yield* pass(60n)
      assert.strictEqual(yield* client.tokens, 10n * price)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("does not keep a refund waiting, but the end of it is told when it is written down", () =>
    Effect.gen(function* () {
      const full = { value: false }
      const client = yield* makeClient({
        journal: ({ save }) => ({ save: (record) => Effect.suspend(() => (full.value ? fails : save(record))) }),
      })
      const { purchasing, reaches } = yield* client.run()
      const purchase = yield* purchasing.purchase(terms)
      yield* reaches(purchase.id, "submitted")
      full.value = true
      yield* pass(700n)
      assert.strictEqual(yield* client.tokens, 10n * price)
      assert.strictEqual((yield* purchase.state)._tag, "Refunding")
      full.value = false
      yield* pass(30n)
      assert.strictEqual((yield* purchase.state)._tag, "Ended")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("cannot be read: the layer fails with a typed error", () =>
    Effect.gen(function* () {
      const client = yield* makeClient({ journal: () => ({ open: fails }) })
      assert.deepInclude(yield* Effect.flip(client.run()), { _tag: "PurchaseJournalError" })
    }).pipe(Effect.provide(layerChain)),
  )
})
