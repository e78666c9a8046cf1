import {
  MarketplaceConfig,
  Nonce,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Market, MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import { hexFrom } from "./sampleData.ts"

/** The reference constants with other ones for proofs. */
export const configWith = (proofs: Partial<MarketplaceConfig["proofs"]>): MarketplaceConfig =>
  new MarketplaceConfig({
    collateral: MemoryChain.referenceConfig.collateral,
    proofs: { ...MemoryChain.referenceConfig.proofs, ...proofs },
  })

/** Puts a request for storage without reward on the market; its client is the account itself. */
export const requested = Effect.fnUntraced(function* (
  slots: number,
  terms: { readonly proofProbability?: bigint; readonly duration?: bigint; readonly seed?: string | number } = {},
) {
  const market = yield* Market
  const { now } = yield* MemoryChain
  const { proofProbability = 1n, duration = 100_000n, seed = "request" } = terms
  const request = new StorageRequest({
    client: market.account,
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
    expiry: (yield* now) + duration - 1n,
    nonce: Nonce.make(hexFrom(seed)),
  })
  const requestId = yield* market.requestStorage(request)
  const slotIds = Array.from({ length: slots }, (_, index) => slotId(requestId, BigInt(index)))
  return { request, requestId, slotIds, requestedAt: yield* now }
})

/** Puts up the collateral that filling slots takes. */
export const deposited = Effect.gen(function* () {
  const market = yield* Market
  yield* market.approveFunds(100n)
  yield* market.deposit(100n)
})

/** A request of which the account itself has filled all slots. */
export const filled = Effect.fnUntraced(function* (...terms: Parameters<typeof requested>) {
  const market = yield* Market
  yield* deposited
  const scene = yield* requested(...terms)
  for (const index of scene.slotIds.keys()) yield* market.fillSlot(scene.requestId, BigInt(index), Uint8Array.of(1))
  return scene
})
