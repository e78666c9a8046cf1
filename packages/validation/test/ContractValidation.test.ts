import { assert, describe, it } from "@effect/vitest"
import { ContentHash, Nonce, Offer, type OfferId, OpenRequest } from "@pecia/contracts-abi"
import { MemoryChain, OfferMarket } from "@pecia/market"
import { Context, Effect, Layer } from "effect"
import { ContractValidation, type ValidationOptions } from "../src/index.ts"
import { bed, nextPeriod, periodNow, seconds, settled, shown, watchedOutcomes } from "./bed.ts"

const nonce = (seed: number) => Nonce.make(`0x${seed.toString(16).padStart(64, "0")}`)

/** A contract that a new host has started. */
const started = Effect.fnUntraced(function* (seed: number, duration = 100_000n) {
  const chain = yield* MemoryChain
  const client = chain.offerMarket(yield* chain.newAccount)
  const host = chain.offerMarket(yield* chain.newAccount)
  yield* chain.mint(client.account, 1_000n)
  yield* client.approveFunds(1_000n)
  yield* chain.mint(host.account, 100n)
  yield* host.approveFunds(100n)
  yield* host.deposit(100n)
  const expiry = (yield* chain.now) + 1_000n
  const request = new OpenRequest({
    client: client.account,
    duration,
    size: 65_536n,
    contentHash: ContentHash.make(`0x${"c0".repeat(32)}`),
    proofProbability: 1n,
    maxPrice: 1_000n,
    expiry,
    nonce: nonce(seed),
  })
  const requestId = yield* client.requestStorage(request)
  const offerId = yield* host.offerStorage(new Offer({ host: host.account, requestId, price: 900n, expiry }))
  yield* client.selectOffer(offerId)
  yield* host.startContract(offerId)
  yield* settled
  return { host, offerId }
})

const withValidation = (options: ValidationOptions<OfferId> = {}) =>
  Layer.provideMerge(ContractValidation.layer(options), bed({}))

describe("ContractValidation", () => {
  it.effect("marks the missing proofs of a dead host until its contract fails, and those of no other", () =>
    Effect.gen(function* () {
      const market = yield* OfferMarket
      const dead = yield* started(1)
      const alive = yield* started(2)
      const validation = yield* ContractValidation
      const outcomes = yield* watchedOutcomes(validation)
      const first = yield* periodNow
      while ((yield* market.contractState(dead.offerId)) === "Started") {
        yield* nextPeriod
        yield* alive.host.submitProof(alive.offerId, Uint8Array.of(1))
        assert.strictEqual((yield* validation.status).watched, 2)
        yield* seconds(1n)
      }
      assert.strictEqual(outcomes[0], shown("Marked", dead.offerId, first + 1n))
      assert.strictEqual(yield* market.missingProofs(alive.offerId), 0n)
      assert.isAbove(Number(yield* market.collateral(market.account)), 0)
      yield* nextPeriod
      yield* alive.host.submitProof(alive.offerId, Uint8Array.of(1))
      yield* seconds(3n)
      assert.strictEqual((yield* validation.status).watched, 1)
    }).pipe(Effect.provide(withValidation())),
  )

  it.effect("forgets a contract that has ended, though nobody has finished it", () =>
    Effect.gen(function* () {
      const market = yield* OfferMarket
      let questions = 0
      const counting = OfferMarket.of({
        ...market,
        contractState: (offerId) => {
          questions += 1
          return market.contractState(offerId)
        },
      })
      const layer = Layer.provide(ContractValidation.layer(), Layer.succeed(OfferMarket, counting))
      const { status } = Context.get(yield* Layer.build(layer), ContractValidation)
      const { offerId } = yield* started(1, 50n)
      for (let i = 0; i < 4; i++) yield* nextPeriod
      yield* seconds(3n)
      assert.strictEqual(yield* market.contractState(offerId), "Started")
      assert.include(yield* status, { watched: 0, marked: 1 })
      questions = 0
      yield* nextPeriod
      yield* seconds(10n)
      assert.strictEqual(questions, 0)
    }).pipe(Effect.provide(bed({}))),
  )

  it.effect("watches the contracts that it is told to", () => {
    const told: Array<OfferId> = []
    return Effect.gen(function* () {
      const market = yield* OfferMarket
      const one = yield* started(1)
      const other = yield* started(2)
      told.push(other.offerId)
      yield* nextPeriod
      yield* nextPeriod
      yield* seconds(1n)
      assert.strictEqual(yield* market.missingProofs(one.offerId), 0n)
      assert.strictEqual(yield* market.missingProofs(other.offerId), 1n)
    }).pipe(Effect.provide(withValidation({ watch: Effect.sync(() => [...told]) })))
  })
})
