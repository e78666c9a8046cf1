import { assert, describe, it } from "@effect/vitest"
import { ContentHash, MarketplaceConfig, Nonce, OfferId, OpenRequest } from "@pecia/contracts-abi"
import { SlotContent } from "@pecia/datasets"
import { ContractNotStarted, MemoryChain, OfferMarket } from "@pecia/market"
import { bytesFrom } from "@pecia/trees/testing"
import { Effect, Layer, Option, Result } from "effect"
import { CannotProve, type HeldContract, Prover, SlotCheck, SlotProof, SlotStatement } from "../src/index.ts"
import { contractsBed, deposited, HeldList, openRequestOf, selected } from "./contractsBed.ts"
import { Hosting } from "./hosting.ts"
import {
  bytes,
  config,
  held,
  nextPeriod,
  periodNow,
  proverWith,
  seconds,
  startLoop,
  statusOf,
  watchedOutcomes,
  watchedProofs,
  withLoop,
} from "./provingBed.ts"
import { hexFrom } from "./sampleData.ts"
import { storedOpenRequests } from "./storedOpenRequests.ts"
import { lyingStore, withDatasets } from "./stores.ts"

describe("ContractProving", () => {
  it.effect("proves a contract in the period in which it learns of it, if the chain asks for it", () =>
    Effect.gen(function* () {
      const hosting = yield* Hosting
      const [slotId = assert.fail()] = yield* held(1)
      yield* hosting.leave(slotId)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      yield* seconds(7n)
      assert.strictEqual(proofs.length, 0)
      yield* hosting.holdAgain(slotId)
      yield* seconds(2n)
      assert.strictEqual(proofs.length, 1)
      yield* seconds(10n)
      assert.strictEqual(proofs.length, 1)
    }).pipe(Effect.provide(withLoop(contractsBed({ config })))),
  )

  it.effect("after a restart, waits for nobody who learns of the contracts only later", () =>
    Effect.gen(function* () {
      const hosting = yield* Hosting
      const slotIds = yield* held(2)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      yield* Effect.forEach(slotIds, hosting.leave)
      yield* startLoop
      yield* seconds(3n)
      yield* Effect.forEach(slotIds, hosting.holdAgain)
      yield* seconds(2n)
      assert.sameMembers(
        proofs.map(({ slotId, period }) => `${slotId} ${period}`),
        [`${slotIds[0]} ${yield* periodNow}`, `${slotIds[1]} ${yield* periodNow}`],
      )
    }).pipe(Effect.provide(contractsBed({ config }))),
  )

  it.effect("asks nothing of a contract that was selected and not started, until it is", () =>
    Effect.gen(function* () {
      const market = yield* OfferMarket
      yield* deposited(market)
      const request = openRequestOf(market.account, yield* (yield* MemoryChain).now, {})
      const offerId = yield* selected(market, market, request)
      ;(yield* HeldList).set(offerId, { offerId, request })
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [])
      yield* market.startContract(offerId)
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [`Submitted ${yield* periodNow}`])
    }).pipe(Effect.provide(withLoop(contractsBed({ config })))),
  )

  it.effect("owes nothing any more for a contract that has failed", () => {
    let isFailing = true
    const prover = proverWith(() =>
      Effect.suspend(() => (isFailing ? Effect.fail(new CannotProve({ detail: "" })) : Effect.succeed(bytes))),
    )
    const harsh = new MarketplaceConfig({
      collateral: { ...config.collateral, slashCriterion: 1n, slashPercentage: 70n },
      proofs: config.proofs,
    })
    return Effect.gen(function* () {
      const { markAsMissing } = yield* Hosting
      const [slotId = assert.fail()] = yield* held(1)
      const outcomes = yield* watchedOutcomes
      const missed = (yield* periodNow) + 1n
      yield* nextPeriod
      yield* nextPeriod
      assert.include(outcomes, `Missed ${missed}`)
      yield* seconds(1n) // the period has to be over for more than no time
      yield* markAsMissing(slotId, missed)
      assert.strictEqual(yield* (yield* OfferMarket).contractState(OfferId.make(slotId)), "Failed")
      isFailing = false
      yield* seconds(10n)
      for (let i = 0; i < 3; i++) yield* nextPeriod
      assert.deepStrictEqual(
        outcomes.filter((outcome) => outcome.startsWith("Missed") || outcome.startsWith("Submitted")),
        [`Missed ${missed}`],
      )
    }).pipe(Effect.provide(withLoop(contractsBed({ config: harsh, prover }))))
  })

  it.effect("lets be what another host keeps", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const mine = yield* OfferMarket
      const other = chain.offerMarket(yield* chain.newAccount)
      yield* chain.mint(other.account, 100n)
      yield* deposited(other)
      const request = openRequestOf(mine.account, yield* chain.now, {})
      const offerId = yield* selected(other, mine, request)
      yield* other.startContract(offerId)
      ;(yield* HeldList).set(offerId, { offerId, request })
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      assert.isTrue(yield* mine.isProofRequired(offerId))
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [])
    }).pipe(Effect.provide(withLoop(contractsBed({ config })))),
  )

  it.effect("lets be what was not started by the word of the contract: nothing is missed", () => {
    let sent = 0
    const refusing = (market: OfferMarket["Service"]) => ({
      ...market,
      submitProof: (offerId: OfferId) =>
        Effect.suspend(() => {
          sent += 1
          return Effect.fail(new ContractNotStarted({ offerId }))
        }),
    })
    return Effect.gen(function* () {
      yield* held(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* seconds(19n)
      assert.strictEqual(sent, 1)
      yield* nextPeriod
      assert.strictEqual(sent, 2)
      assert.deepStrictEqual(outcomes, [])
    }).pipe(Effect.provide(withLoop(contractsBed({ config }, refusing))))
  })
})

describe("ContractProving, with the prover of the scheme", () => {
  const data = withDatasets(lyingStore)
  const prover = Prover.layer.pipe(Layer.provide(SlotCheck.layer()), Layer.provide(data), Layer.orDie)

  /** The market of a contract that verifies by the scheme; it knows what is held. */
  const verified: Array<OfferId> = []
  const contracts = new Map<OfferId, HeldContract>()
  const verifying = (market: OfferMarket["Service"]) => ({
    ...market,
    submitProof: Effect.fnUntraced(function* (offerId: OfferId, proof: Uint8Array) {
      const request = contracts.get(offerId)?.request ?? assert.fail("not held")
      const statement = SlotStatement.ofContract(request, offerId, yield* market.getChallenge(offerId))
      assert.isTrue(Result.isSuccess(SlotProof.verify(statement, proof)))
      verified.push(offerId)
      yield* market.submitProof(offerId, proof)
    }),
  })

  it.effect("sends proofs that hold; a contract whose data is missing says why, and holds up no other", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const market = yield* OfferMarket
      const list = yield* HeldList
      yield* deposited(market)
      const terms = openRequestOf(market.account, yield* chain.now, {})
      const stored = yield* storedOpenRequests(bytesFrom("contracts", 300_000), 2)
      const lost = new OpenRequest({ ...terms, nonce: Nonce.make(hexFrom("its data is nowhere")) })
      const requests = [
        ...stored.map(({ contentHash, size, nonce }) => new OpenRequest({ ...terms, contentHash, size, nonce })),
        lost,
      ]
      for (const request of requests) {
        const offerId = yield* selected(market, market, request)
        yield* market.startContract(offerId)
        list.set(offerId, { offerId, request })
        contracts.set(offerId, { offerId, request })
      }
      const [one, other, missing = assert.fail()] = list.keys()
      yield* nextPeriod
      assert.sameMembers(verified, [one, other])
      yield* nextPeriod
      const status = yield* statusOf(OfferId.slotId(missing))
      assert.strictEqual(status.misses, 1)
      const content = SlotContent.cid(ContentHash.toBytes(lost.contentHash))
      assert.deepStrictEqual(
        status.lastError,
        Option.some(`The data cannot be proven. Block ${content} is not stored here.`),
      )
    }).pipe(Effect.provide(Layer.provideMerge(withLoop(contractsBed({ config, prover }, verifying)), data))),
  )
})
