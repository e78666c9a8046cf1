import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import {
  type Address,
  MarketplaceConfig,
  Nonce,
  Periodicity,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Market, MemoryChain, OfferMarket } from "@pecia/market"
import { Context, Effect, Layer, Stream } from "effect"
import { Validation } from "../src/index.ts"

/** The reference constants with other ones for proofs. */
export const configWith = (proofs: Partial<MarketplaceConfig["proofs"]>) =>
  new MarketplaceConfig({
    collateral: MemoryChain.referenceConfig.collateral,
    proofs: { ...MemoryChain.referenceConfig.proofs, ...proofs },
  })

/** Always out of the downtime, and at probability 1 a proof is due in every period. */
export const config = configWith({ period: 20n, timeout: 10n, downtime: 0n })

type MarketOf = Market["Service"]

/** A validator's markets on a chain in memory, and its clock; a change to its marketplace as the test wants it. */
export const bed = (options: {
  readonly config?: MarketplaceConfig
  readonly through?: (market: MarketOf) => MarketOf
}) => {
  const chain = MemoryChain.layer({ config: options.config ?? config })
  const clock = Layer.unwrap(Effect.map(MemoryChain, ({ blocks }) => ChainClock.layerBlocks(blocks)))
  const market = Layer.effect(
    Market,
    Effect.gen(function* () {
      const { market, newAccount } = yield* MemoryChain
      return (options.through ?? ((same) => same))(market(yield* newAccount))
    }),
  )
  const offers = Layer.effect(
    OfferMarket,
    Effect.gen(function* () {
      return (yield* MemoryChain).offerMarket((yield* Market).account)
    }),
  )
  return Layer.provideMerge(Layer.provideMerge(offers, market), Layer.provideMerge(clock, chain))
}

type Options = Parameters<typeof Validation.layer>[0]

/** The validator on the bed, for as long as the test lasts. */
export const withValidation = (options: Parameters<typeof bed>[0] = {}, validation: Options = {}) =>
  Layer.provideMerge(Validation.layer(validation), bed(options))

/** Another validator, with an account of its own. */
export const anotherValidator = Effect.fnUntraced(function* (options: Options = {}) {
  const chain = yield* MemoryChain
  const market = chain.market(yield* chain.newAccount)
  const layer = Layer.fresh(Validation.layer(options)).pipe(Layer.provide(Layer.succeed(Market, market)))
  const validation = Context.get(yield* Layer.build(layer), Validation)
  return { market, validation }
})

/** Lets everybody run who can. Nothing on a chain in memory takes time. */
export const settled = Effect.repeat(Effect.yieldNow, { times: 40 })

/** Mines a block a second, for so many seconds; after each everybody runs. */
export const seconds = Effect.fnUntraced(function* (count: bigint) {
  const chain = yield* MemoryChain
  for (let i = 0n; i < count; i++) {
    yield* chain.advanceTo((yield* chain.now) + 1n)
    yield* settled
  }
})

/** The period of the chain. */
export const periodNow = Effect.gen(function* () {
  const chain = yield* MemoryChain
  return Periodicity.periodOf({ seconds: chain.config.proofs.period }, yield* chain.now)
})

/** Goes on, second by second, to the first second of the next period. */
export const nextPeriod = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const end = Periodicity.periodEnd({ seconds: chain.config.proofs.period }, yield* periodNow)
  yield* seconds(end - (yield* chain.now))
})

const hex = (seed: number) => `0x${seed.toString(16).padStart(64, "0")}`
const nothing = new Uint8Array()

/** A new account with tokens and collateral on the marketplace. */
export const newHost = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const market = chain.market(yield* chain.newAccount)
  yield* chain.mint(market.account, 1_000n)
  yield* market.approveFunds(1_000n)
  yield* market.deposit(100n)
  return market
})

interface Terms {
  readonly proofProbability?: bigint
  readonly duration?: bigint
  readonly maxSlotLoss?: bigint
  readonly seed?: number
}

/** For storage without reward. */
export const requestOf = (client: Address, now: bigint, slots: number, terms: Terms = {}) => {
  const { proofProbability = 1n, duration = 100_000n, maxSlotLoss = BigInt(slots), seed = 1 } = terms
  const size = { slots: BigInt(slots), slotSize: 65_536n, maxSlotLoss }
  return new StorageRequest({
    client,
    ask: new StorageAsk({ ...size, duration, proofProbability, reward: 0n }),
    content: new StorageContent({
      cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
      erasure: { totalChunks: 0n },
      por: new StoragePor({ u: nothing, publicKey: nothing, name: nothing }),
    }),
    expiry: now + duration - 1n,
    nonce: Nonce.make(hex(seed)),
  })
}

/** A request of a new client. */
export const requested = Effect.fnUntraced(function* (slots: number, terms?: Terms) {
  const chain = yield* MemoryChain
  const client = chain.market(yield* chain.newAccount)
  const requestId = yield* client.requestStorage(requestOf(client.account, yield* chain.now, slots, terms))
  const slotIds = Array.from({ length: slots }, (_, index) => slotId(requestId, BigInt(index)))
  return { requestId, slotIds }
})

export const proof = Uint8Array.of(1)

/** A request of which one new host has filled all slots. */
export const filled = Effect.fnUntraced(function* (...terms: Parameters<typeof requested>) {
  const host = yield* newHost
  const scene = yield* requested(...terms)
  for (const index of scene.slotIds.keys()) yield* host.fillSlot(scene.requestId, BigInt(index), proof)
  yield* settled
  return { ...scene, host, slot: scene.slotIds[0] ?? assert.fail("no slot") }
})

/** Has the host give a proof of each of its slots in the first second of the next period. */
export const nextPeriodProving = Effect.fnUntraced(function* (host: MarketOf) {
  yield* nextPeriod
  for (const slotId of yield* host.mySlots) yield* Effect.ignore(host.submitProof(slotId, proof))
})

/** Collects what a validator reports from now on. */
export const watchedOutcomes = Effect.fnUntraced(function* ({ outcomes }: Validation["Service"]) {
  const seen: Array<string> = []
  yield* outcomes.pipe(
    Stream.runForEach(({ _tag, period, slotId }) =>
      Effect.sync(() => void seen.push(`${_tag} ${slotId.slice(0, 6)} ${period}`)),
    ),
    Effect.forkScoped({ startImmediately: true }),
  )
  return seen
})

/** An outcome, as `watchedOutcomes` shows it. */
export const shown = (tag: string, slotId: string, period: bigint) => `${tag} ${slotId.slice(0, 6)} ${period}`
