import { Nonce, StorageAsk, StorageContent, StoragePor, StorageRequest } from "@pecia/contracts-abi"
import type { Market, MarketEvent } from "@pecia/market"
import { Effect } from "effect"
import { toBeHex } from "ethers"

type MarketOf = Market["Service"]

export const proof = new Uint8Array([42])

const empty = new Uint8Array()
let made = 0n

/** A request that nothing else is about, and that pays nothing: as long as the contract allows, and until 2106 it can start. */
const newRequest = ({ account }: MarketOf, slots: bigint) => {
  made += 1n
  const ask = { slots, slotSize: 65_536n, duration: 2n ** 32n - 1n, proofProbability: 1n, reward: 0n, maxSlotLoss: 0n }
  return new StorageRequest({
    client: account,
    ask: new StorageAsk(ask),
    content: new StorageContent({
      cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
      erasure: { totalChunks: 1n },
      por: new StoragePor({ u: empty, publicKey: empty, name: empty }),
    }),
    expiry: 2n ** 32n,
    nonce: Nonce.make(toBeHex(made, 32)),
  })
}

/** What an account without tokens can write at any time, each once: `requestStorage` of them. */
export const newOffers = (market: MarketOf, count: number) =>
  Effect.sync(() => Array.from({ length: count }, () => newRequest(market, 1n)))
/** Writes something, and answers the id that is told of. */
export const offer = (market: MarketOf) => Effect.suspend(() => market.requestStorage(newRequest(market, 1n)))
export const idOf = StorageRequest.id
/** Whom an event is about. */
export const toldOf = (event: MarketEvent) => ("requestId" in event ? event.requestId : undefined)

/** A write that reverts at any time. */
export const refusedOffer = (market: MarketOf) => Effect.suspend(() => market.requestStorage(newRequest(market, 0n)))

/** Runs at once, beside the test. */
export const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** Puts a request of so many slots on the market. */
export const request = (client: MarketOf, slots: bigint): ReturnType<MarketOf["requestStorage"]> =>
  Effect.suspend(() => client.requestStorage(newRequest(client, slots)))

/** Puts up the collateral that a slot takes; the host needs 100 tokens. */
export const qualify = Effect.fnUntraced(function* (host: MarketOf) {
  const { initialAmount } = (yield* host.config).collateral
  yield* host.approveFunds(initialAmount)
  yield* host.deposit(initialAmount)
})
