import { Nonce, StorageAsk, StorageContent, StoragePor, StorageRequest } from "@pecia/contracts-abi"
import { Market, MemoryChain, MemoryMarket } from "@pecia/market"
import { Console, Effect, Stream } from "effect"

const none = new Uint8Array()
const ask = { slots: 1n, slotSize: 65_536n, duration: 3600n, proofProbability: 1n, reward: 2n, maxSlotLoss: 0n }

export const program = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const market = yield* Market
  yield* market.approveFunds(7_300n)
  yield* market.deposit(100n) // as a host
  const requestId = yield* market.requestStorage(
    new StorageRequest({
      client: market.account,
      ask: new StorageAsk(ask),
      content: new StorageContent({
        cid: "bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        erasure: { totalChunks: 1n },
        por: new StoragePor({ u: none, publicKey: none, name: none }),
      }),
      expiry: (yield* chain.now) + 600n,
      nonce: Nonce.make(`0x${"1".repeat(64)}`),
    }),
  )
  yield* market.fillSlot(requestId, 0n, new Uint8Array([1]))
  yield* market
    .fillSlot(requestId, 1n, new Uint8Array([1]))
    .pipe(Effect.catchTag("InvalidSlot", (error) => Console.log(`no slot ${error.slotIndex}`)))
  yield* market.events({ fromBlock: 0n }).pipe(
    Stream.take(4),
    Stream.runForEach((event) => Console.log(event._tag)),
  )
}).pipe(Effect.provide(MemoryMarket.layerTest()))
