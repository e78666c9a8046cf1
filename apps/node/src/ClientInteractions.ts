import { StorageAsk } from "@pecia/contracts-abi"
import type { BlockStore, Cid, Datasets } from "@pecia/datasets"
import { Purchasing } from "@pecia/purchasing"
import { Context, Effect, Layer } from "effect"
import { prepareSlots } from "./SlotPreparation.ts"

/** The terms on which a client asks for storage; seconds, and token base units. */
export interface PurchaseTerms {
  readonly slots: number
  /** Slots that may be lost before the request fails. */
  readonly tolerance: number
  readonly durationSeconds: bigint
  /** How long hosts have to fill the slots, from now on. */
  readonly expirySeconds: bigint
  readonly pricePerBytePerSecond: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
}

const make = Effect.gen(function* () {
  const purchasing = yield* Purchasing
  const context = yield* Effect.context<Datasets | BlockStore>()

  const purchase = Effect.fn("ClientInteractions.purchase")(function* (cid: Cid, terms: PurchaseTerms) {
    const { slotSizeBytes, content } = yield* prepareSlots(cid, terms.slots)
    const ask = new StorageAsk({
      slots: BigInt(terms.slots),
      slotSize: slotSizeBytes,
      duration: terms.durationSeconds,
      proofProbability: terms.proofProbability,
      reward: terms.pricePerBytePerSecond * slotSizeBytes,
      maxSlotLoss: BigInt(terms.tolerance),
    })
    return yield* purchasing.purchase({ ask, content, expirySeconds: terms.expirySeconds })
  }, Effect.provideContext(context))

  return { purchasing, purchase }
})

/** What a client does on the market: lays datasets out over slots, buys storage for them, sees each purchase to its end. */
export class ClientInteractions extends Context.Service<ClientInteractions, Effect.Success<typeof make>>()(
  "@pecia/node/ClientInteractions",
) {
  static readonly layer = Layer.effect(ClientInteractions, make).pipe(Layer.provide(Purchasing.layer))
}
