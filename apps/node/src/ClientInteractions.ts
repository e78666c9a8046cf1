import { StorageAsk, StorageContent } from "@pecia/contracts-abi"
import { type Cid, Datasets, type LaidOut, Manifest } from "@pecia/datasets"
import { ProofScheme } from "@pecia/proving"
import { type Purchase, PurchaseJournal, Purchasing } from "@pecia/purchasing"
import { DatasetTree } from "@pecia/trees"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { LaidSlots } from "./LaidSlots.ts"

/** The terms on which a client asks for storage; seconds, and token base units. */
export interface PurchaseTerms {
  /** Slots in all. */
  readonly slots: number
  /** How many of them can be lost before the request fails: so many are parity. */
  readonly tolerance: number
  readonly durationSeconds: bigint
  /** How long hosts have to fill the slots, from now on. */
  readonly expirySeconds: bigint
  readonly pricePerBytePerSecond: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
}

/** What a request says of the slots: the slot manifest, and the root over their roots. */
const contentOf = Effect.fnUntraced(function* ({ cid, manifest: { manifest, slots } }: LaidOut) {
  const datasets = yield* Datasets
  const { root } = DatasetTree.fromSlotRoots(slots.map(({ root }) => root))
  const por = yield* Effect.orDie(Effect.fromResult(ProofScheme.encode({ root, samples: ProofScheme.samplesDefault })))
  const totalChunks = BigInt(Manifest.blockCount(yield* datasets.manifest(manifest)))
  return new StorageContent({ cid: `${cid}`, erasure: { totalChunks }, por })
})

const make = Effect.gen(function* () {
  const purchasing = yield* Purchasing
  const laidSlots = yield* LaidSlots
  const scope = yield* Effect.scope
  const context = yield* Effect.context<Datasets>()

  /** What was laid out for a purchase goes as it goes on. */
  const follow = ({ states }: Purchase) =>
    Effect.forkIn(
      Stream.runForEach(states, () => laidSlots.sweep),
      scope,
    )
  for (const { id } of yield* (yield* PurchaseJournal).open)
    yield* Effect.flatMap(purchasing.find(id), Option.match({ onNone: () => Effect.void, onSome: follow }))

  const ask = Effect.fnUntraced(function* (laid: LaidOut, terms: PurchaseTerms) {
    const { slotSizeBytes } = laid.manifest
    const ask = new StorageAsk({
      slots: BigInt(terms.slots),
      slotSize: slotSizeBytes,
      duration: terms.durationSeconds,
      proofProbability: terms.proofProbability,
      reward: terms.pricePerBytePerSecond * slotSizeBytes,
      maxSlotLoss: BigInt(terms.tolerance),
    })
    const content = yield* contentOf(laid)
    const purchase = yield* purchasing.purchase({ ask, content, expirySeconds: terms.expirySeconds })
    yield* follow(purchase)
    return purchase
  }, Effect.provideContext(context))

  return {
    purchasing,
    purchase: Effect.fn("ClientInteractions.purchase")((cid: Cid, terms: PurchaseTerms) =>
      laidSlots.order(cid, { data: terms.slots - terms.tolerance, parity: terms.tolerance }, (laid) =>
        ask(laid, terms),
      ),
    ),
  }
})

/** What a client does on the market: lays datasets out over slots, buys storage for them, sees each purchase to its end. */
export class ClientInteractions extends Context.Service<ClientInteractions, Effect.Success<typeof make>>()(
  "@pecia/node/ClientInteractions",
) {
  static readonly layer = Layer.effect(ClientInteractions, make).pipe(Layer.provide(Purchasing.layer))
}
