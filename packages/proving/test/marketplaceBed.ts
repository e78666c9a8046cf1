import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import {
  Nonce,
  type RequestId,
  type SlotId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Market, MemoryChain, MemoryMarket } from "@pecia/market"
import { Effect, Layer, Stream } from "effect"
import { Prover, Proving } from "../src/index.ts"
import { type Bed, type BedOptions, Hosting, Loop, type Terms } from "./hosting.ts"
import { hexFrom } from "./sampleData.ts"

/** A request for storage without reward, by the account itself. */
const requestOf = (account: StorageRequest["client"], now: bigint, slots: number, terms: Terms) => {
  const { proofProbability = 1n, duration = 100_000n, seed = "request" } = terms
  return new StorageRequest({
    client: account,
    ask: new StorageAsk({
      slots: BigInt(slots),
      slotSize: 65_536n,
      duration,
      proofProbability,
      reward: 0n,
      maxSlotLoss: BigInt(slots),
    }),
    content: new StorageContent({
      cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
      erasure: { totalChunks: 0n },
      por: new StoragePor({ u: new Uint8Array(), publicKey: new Uint8Array(), name: new Uint8Array() }),
    }),
    expiry: now + duration - 1n,
    nonce: Nonce.make(hexFrom(seed)),
  })
}

type Change = (market: Market["Service"]) => Market["Service"]

const hosting = Effect.fnUntraced(function* (through: BedOptions["through"], change: Change) {
  const chain = yield* MemoryChain
  const market = yield* Market
  const here = yield* Effect.context<ChainClock | Prover>()
  const calls = through === undefined ? market : yield* through(market)
  const places = new Map<SlotId, { readonly requestId: RequestId; readonly index: bigint }>()

  const placeOf = (slotId: SlotId) => places.get(slotId) ?? assert.fail(`${slotId} was never held`)
  const fill = Effect.fnUntraced(function* (slotId: SlotId) {
    const { requestId, index } = placeOf(slotId)
    yield* market.fillSlot(requestId, index, Uint8Array.of(1))
  }, Effect.orDie)

  return Hosting.of({
    calls: market,
    hold: Effect.fnUntraced(function* (count, terms = {}) {
      yield* market.approveFunds(100n)
      yield* market.deposit(100n)
      const requestId = yield* market.requestStorage(requestOf(market.account, yield* chain.now, count, terms))
      const slotIds = Array.from({ length: count }, (_, index) => slotId(requestId, BigInt(index)))
      for (const [index, slotId] of slotIds.entries()) places.set(slotId, { requestId, index: BigInt(index) })
      yield* Effect.forEach(slotIds, fill)
      return slotIds
    }, Effect.orDie),
    leave: (slotId) => Effect.orDie(market.freeSlot(slotId)),
    holdAgain: fill,
    endOf: (slotId) => Effect.orDie(market.requestEnd(placeOf(slotId).requestId)),
    markAsMissing: (slotId, period) =>
      Effect.flatMap(chain.newAccount, (account) => chain.market(account).markProofAsMissing(slotId, period)),
    eachProof: (handle) =>
      market.events().pipe(
        Stream.runForEach((event) => (event._tag === "ProofSubmitted" ? handle(event) : Effect.void)),
        Effect.orDie,
      ),
    loop: Layer.effect(Loop, Effect.map(Proving, Loop.of)).pipe(
      Layer.provide(Layer.fresh(Proving.layer())),
      Layer.provide(Layer.succeed(Market, change(Market.of({ ...market, ...calls })))),
      Layer.provide(Layer.succeedContext(here)),
    ),
  })
})

/** A market on a chain in memory, its clock, and a host who fills slots. `change` is what a test puts before this market alone. */
export const marketplaceBed = ({ config, prover, through }: BedOptions, change: Change = (market) => market): Bed => {
  const memory = MemoryMarket.layerTest({ tokens: 1_000n, ...(config && { config }) })
  const clock = Layer.unwrap(Effect.map(MemoryChain, (chain) => ChainClock.layerBlocks(chain.blocks)))
  return Layer.effect(Hosting, hosting(through, change)).pipe(
    Layer.provide(prover ?? Prover.layerConstant()),
    Layer.provideMerge(Layer.provideMerge(clock, memory)),
  )
}
