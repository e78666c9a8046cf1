import { assert, describe, it } from "@effect/vitest"
import type { OfferId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { DataUnavailable } from "../src/index.ts"
import { layerChain, makeClient, makeHost, pass, passUntil, size, start } from "./bed.ts"
import { failContract } from "./failing.ts"

const gone = new DataUnavailable({ detail: "Nobody has the data.", isRetryable: true })
const wrong = new DataUnavailable({ detail: "The data contradicts the request.", isRetryable: false })

/** A host whose offer was selected, and whose data plane does as told. */
const makeScene = Effect.fnUntraced(function* (store: Effect.Effect<void, DataUnavailable>) {
  const client = yield* makeClient
  const payouts: Array<OfferId> = []
  const host = yield* makeHost({
    slots: 1n,
    faults: (market) => ({
      finishContract: (id) =>
        Effect.andThen(
          Effect.sync(() => payouts.push(id)),
          market.finishContract(id),
        ),
    }),
  })
  host.storage.beforeStore = () => store
  const run = yield* host.run()
  const asked = yield* client.request()
  yield* run.reaches(asked, "offered")
  const offerId = yield* client.select(host.account, asked, 20_000n)
  return { client, host, asked, offerId, payouts, ...run }
})

describe("a contract", () => {
  it.effect("whose data cannot be had in time is not started: its space and its collateral come back", () =>
    Effect.gen(function* () {
      const { asked, bidding, client, host, offerId, reaches } = yield* makeScene(Effect.fail(gone))
      yield* reaches(asked, "downloading")
      const before = yield* client.market.tokens(client.account)
      yield* passUntil(asked.request.expiry - 1n)
      yield* reaches(asked, "downloading")
      yield* passUntil(asked.request.expiry)
      yield* reaches(asked, "notStarted")
      assert.strictEqual((yield* Effect.flip(bidding.withdrawCollateral))._tag, "AccountLocked")
      // The client sleeps, so the host sees to it that the contract no longer locks its collateral.
      yield* pass(60n)
      yield* reaches(asked, "notStarted")
      assert.strictEqual(yield* client.market.contractState(offerId), "Released")
      assert.strictEqual(yield* client.market.tokens(client.account), before + 20_000n)
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.freeBytes, size)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that was not started is left to the client first, to whom the money belongs", () =>
    Effect.gen(function* () {
      const { asked, bidding, client, host, reaches } = yield* makeScene(Effect.never)
      yield* passUntil(asked.request.expiry)
      yield* client.market.withdrawFunds(asked.requestId)
      yield* pass(60n)
      yield* reaches(asked, "notStarted")
      assert.deepStrictEqual(yield* bidding.bids, [])
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose data is not what was asked for is given up at once, and released after its expiry", () =>
    Effect.gen(function* () {
      const { asked, bidding, host, reaches, why } = yield* makeScene(Effect.fail(wrong))
      yield* reaches(asked, "errored")
      assert.strictEqual(yield* why(asked), "The data contradicts the request.")
      assert.strictEqual(host.storage.calls.filter((call) => call === "store").length, 1)
      assert.strictEqual(yield* host.freeBytes, size)
      yield* passUntil(asked.request.expiry)
      yield* pass(600n)
      yield* pass(60n)
      yield* reaches(asked, "notStarted")
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 1000n)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose data comes late, but in time, is started", () =>
    Effect.gen(function* () {
      let tries = 0
      const { asked, reaches } = yield* makeScene(
        Effect.suspend(() => (tries++ < 10 ? Effect.fail(gone) : Effect.void)),
      )
      yield* reaches(asked, "downloading")
      yield* pass(300n)
      yield* reaches(asked, "started")
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that fails is paid for the time stored, its space comes back, and the rest of the collateral", () =>
    Effect.gen(function* () {
      const { asked, bidding, client, host, offerId, reaches, payouts } = yield* makeScene(Effect.void)
      yield* reaches(asked, "started")
      yield* failContract(client.market, offerId)
      yield* reaches(asked, "failed")
      // The chain goes on saying that it is payable.
      yield* pass(1200n)
      assert.deepStrictEqual(payouts, [offerId])
      const end = yield* client.market.proofEnd(offerId)
      const failedAt = end._tag === "Some" ? end.value : start
      const share = (20_000n * (failedAt - start)) / asked.request.duration
      assert.isAbove(Number(share), 0)
      const left = yield* host.collateral
      assert.strictEqual(yield* host.tokens, 900n + share)
      assert.strictEqual(yield* host.freeBytes, size)
      yield* bidding.withdrawCollateral
      assert.strictEqual(yield* host.tokens, 900n + share + left)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that failed and was paid is not paid twice after a restart, and holds nothing", () =>
    Effect.gen(function* () {
      const { asked, bidding, client, host, offerId, reaches, stop } = yield* makeScene(Effect.void)
      yield* reaches(asked, "started")
      yield* failContract(client.market, offerId)
      yield* reaches(asked, "failed")
      const tokens = yield* host.tokens
      assert.deepStrictEqual(yield* bidding.bids, [])
      yield* stop
      const second = yield* host.run()
      yield* pass(60n)
      yield* second.reaches(asked, "failed")
      assert.deepStrictEqual(yield* second.bidding.bids, [])
      assert.strictEqual(yield* host.tokens, tokens)
      assert.strictEqual(yield* host.freeBytes, size)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that somebody else has finished in the same moment is over, and its host was paid", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({
        faults: (market) => ({
          finishContract: (id) =>
            Effect.andThen(Effect.ignore(client.market.finishContract(id)), market.finishContract(id)),
        }),
      })
      const { bidding, reaches } = yield* host.run()
      const asked = yield* client.request()
      yield* reaches(asked, "offered")
      yield* client.select(host.account, asked, 20_000n)
      yield* reaches(asked, "started")
      yield* passUntil(start + asked.request.duration + 1n)
      yield* pass(5n)
      yield* reaches(asked, "finished")
      assert.deepStrictEqual(yield* bidding.bids, [])
      assert.strictEqual(yield* host.tokens, 900n + 20_000n)
    }).pipe(Effect.provide(layerChain)),
  )
})
