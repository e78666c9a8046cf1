import { ChainClock } from "@pecia/clock"
import { StorageAsk, StorageContent, StoragePor } from "@pecia/contracts-abi"
import { MemoryMarket } from "@pecia/market"
import { PurchaseJournal, Purchasing } from "@pecia/purchasing"
import { Console, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"

const size = { slots: 3n, slotSize: 65_536n, maxSlotLoss: 1n }
const ask = new StorageAsk({ ...size, duration: 3600n, proofProbability: 4n, reward: 1n })
const bytes = new Uint8Array()
const por = new StoragePor({ u: bytes, publicKey: bytes, name: bytes })
const content = new StorageContent({ cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jr", erasure: { totalChunks: 3n }, por })

export const program = Effect.gen(function* () {
  const purchasing = yield* Purchasing
  const purchase = yield* purchasing.purchase({ ask, content, expirySeconds: 600n })
  yield* TestClock.adjust("601 seconds") // no host comes
  yield* Effect.catchTag(purchase.awaitStarted, "PurchaseEnded", ({ message }) => Console.log(message))
}).pipe(
  Effect.provide(
    Purchasing.layer.pipe(
      Layer.provide([MemoryMarket.layerTest(), ChainClock.layerSystem, PurchaseJournal.layerMemory]),
    ),
  ),
)
