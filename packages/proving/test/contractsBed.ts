import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { type Address, ContentHash, Nonce, Offer, OfferId, OpenRequest, type SlotId } from "@pecia/contracts-abi"
import { MemoryChain, MemoryOfferMarket, OfferMarket } from "@pecia/market"
import { Context, Effect, Layer, Stream } from "effect"
import { ContractProving, type HeldContract, HeldContracts, Prover } from "../src/index.ts"
import { type BedOptions, Hosting, Loop, type ProofCalls, type Terms } from "./hosting.ts"
import { hexFrom } from "./sampleData.ts"

type Market = OfferMarket["Service"]
type Change = (market: Market) => Market

/** What `HeldContracts` answers with; a test takes things out and puts them in. */
export class HeldList extends Context.Service<HeldList, Map<OfferId, HeldContract>>()("test/HeldList") {}

/** An open request without a price. */
export const openRequestOf = (client: Address, now: bigint, { proofProbability, duration, seed }: Terms, index = 0) =>
  new OpenRequest({
    client,
    duration: duration ?? 100_000n,
    size: 65_536n,
    contentHash: ContentHash.make(hexFrom("content")),
    proofProbability: proofProbability ?? 1n,
    maxPrice: 0n,
    expiry: now + 100_000n,
    nonce: Nonce.make(hexFrom(`${seed} ${index}`)),
  })

/** Puts up the collateral that offers take. */
export const deposited = Effect.fnUntraced(function* (host: Market) {
  yield* host.approveFunds(100n)
  yield* host.deposit(100n)
}, Effect.orDie)

/** Brings a contract about, up to its start. Client and host can be one. */
export const selected = Effect.fnUntraced(function* (host: Market, client: Market, request: OpenRequest) {
  const requestId = yield* client.requestStorage(request)
  const offer = new Offer({ host: host.account, requestId, price: 0n, expiry: request.expiry })
  const offerId = yield* host.offerStorage(offer)
  yield* client.selectOffer(offerId)
  return offerId
}, Effect.orDie)

/** The calls of the offer market by slots, which are those of the marketplace. */
const callsOf = (market: Market) => ({
  config: market.config,
  getPointer: (slotId: SlotId) => market.getPointer(OfferId.make(slotId)),
  getChallenge: (slotId: SlotId) => market.getChallenge(OfferId.make(slotId)),
  isProofRequired: (slotId: SlotId) => market.isProofRequired(OfferId.make(slotId)),
  willProofBeRequired: (slotId: SlotId) => market.willProofBeRequired(OfferId.make(slotId)),
  submitProof: (slotId: SlotId, proof: Uint8Array) => market.submitProof(OfferId.make(slotId), proof),
})

/** The other way about. */
const withCalls = (market: Market, calls: ProofCalls<Effect.Error<ReturnType<Market["submitProof"]>>>): Market =>
  OfferMarket.of({
    ...market,
    config: calls.config,
    getPointer: (offerId) => calls.getPointer(OfferId.slotId(offerId)),
    getChallenge: (offerId) => calls.getChallenge(OfferId.slotId(offerId)),
    isProofRequired: (offerId) => calls.isProofRequired(OfferId.slotId(offerId)),
    willProofBeRequired: (offerId) => calls.willProofBeRequired(OfferId.slotId(offerId)),
    submitProof: (offerId, proof) => calls.submitProof(OfferId.slotId(offerId), proof),
  })

const hosting = Effect.fnUntraced(function* (through: BedOptions["through"], change: Change) {
  const chain = yield* MemoryChain
  const market = yield* OfferMarket
  const held = yield* HeldList
  const here = yield* Effect.context<ChainClock | Prover>()
  const calls = callsOf(market)
  const between = through === undefined ? calls : yield* through(calls)
  const known = new Map<SlotId, HeldContract>()
  const contractOf = (slotId: SlotId) => known.get(slotId) ?? assert.fail(`${slotId} was never held`)

  return Hosting.of({
    calls,
    hold: Effect.fnUntraced(function* (count, terms = {}) {
      yield* deposited(market)
      const now = yield* chain.now
      return yield* Effect.forEach(
        Array.from({ length: count }, (_, index) => openRequestOf(market.account, now, terms, index)),
        Effect.fnUntraced(function* (request) {
          const offerId = yield* selected(market, market, request)
          yield* market.startContract(offerId)
          held.set(offerId, { offerId, request })
          known.set(OfferId.slotId(offerId), { offerId, request })
          return OfferId.slotId(offerId)
        }),
      )
    }, Effect.orDie),
    leave: (slotId) => Effect.sync(() => void held.delete(contractOf(slotId).offerId)),
    holdAgain: (slotId) => Effect.sync(() => void held.set(contractOf(slotId).offerId, contractOf(slotId))),
    endOf: (slotId) =>
      market.proofEnd(contractOf(slotId).offerId).pipe(Effect.flatMap(Effect.fromOption), Effect.orDie),
    markAsMissing: (slotId, period) =>
      Effect.flatMap(chain.newAccount, (account) =>
        chain.offerMarket(account).markProofAsMissing(OfferId.make(slotId), period),
      ),
    eachProof: (handle) =>
      market.events().pipe(
        Stream.runForEach((event) =>
          event._tag === "ProofSubmitted"
            ? handle({ slotId: OfferId.slotId(event.offerId), proof: event.proof })
            : Effect.void,
        ),
        Effect.orDie,
      ),
    loop: Layer.effect(Loop, Effect.map(ContractProving, Loop.of)).pipe(
      Layer.provide(Layer.fresh(ContractProving.layer())),
      Layer.provide(Layer.succeed(OfferMarket, change(withCalls(market, between)))),
      Layer.provide(Layer.succeed(HeldContracts, { contracts: Effect.sync(() => Array.from(held.values())) })),
      Layer.provide(Layer.succeedContext(here)),
    ),
  })
})

/** An offer market on a chain in memory, its clock, and a host who starts contracts. `change` is what a test puts before this market alone. */
export const contractsBed = ({ config, prover, through }: BedOptions, change: Change = (market) => market) => {
  const memory = MemoryOfferMarket.layerTest({ tokens: 1_000n, ...(config && { config }) })
  const clock = Layer.unwrap(Effect.map(MemoryChain, (chain) => ChainClock.layerBlocks(chain.blocks)))
  const held = Layer.sync(HeldList, () => HeldList.of(new Map()))
  return Layer.effect(Hosting, hosting(through, change)).pipe(
    Layer.provide(prover ?? Prover.layerConstant()),
    Layer.provideMerge(Layer.provideMerge(clock, Layer.merge(memory, held))),
  )
}
