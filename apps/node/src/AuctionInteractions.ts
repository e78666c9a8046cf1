import { type AuctionTerms as AuctionOfSlot, Auctions, SelectingStrategy } from "@pecia/auctions"
import { ContentHash } from "@pecia/contracts-abi"
import { type BlockStore, type Cid, Datasets } from "@pecia/datasets"
import { Array as Arrays, Context, Effect, Layer } from "effect"
import { layOutSlots } from "./SlotPreparation.ts"

/** The terms on which a client asks for offers; seconds, and token base units. */
export interface AuctionTerms {
  /** Each is traded by itself. */
  readonly slots: number
  readonly durationSeconds: bigint
  /** Until when a host has to be selected and to have started, from now on. */
  readonly expirySeconds: bigint
  readonly maxPricePerBytePerSecond: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
}

const make = Effect.gen(function* () {
  const auctions = yield* Auctions
  const context = yield* Effect.context<Datasets | BlockStore>()

  const open = Effect.fn("AuctionInteractions.open")(function* (cid: Cid, terms: AuctionTerms) {
    const { slotSizeBytes, layout } = yield* layOutSlots(cid, terms.slots)
    const contents = yield* Datasets.use((datasets) => datasets.contentsOf(layout))
    const slots = contents.map(
      (content, slotIndex): AuctionOfSlot => ({
        dataset: `${layout}`,
        slotIndex,
        size: slotSizeBytes,
        contentHash: ContentHash.fromBytes(content.multihash.digest),
        duration: terms.durationSeconds,
        proofProbability: terms.proofProbability,
        maxPrice: terms.maxPricePerBytePerSecond * slotSizeBytes * terms.durationSeconds,
        expirySeconds: terms.expirySeconds,
      }),
    )
    if (!Arrays.isReadonlyArrayNonEmpty(slots)) return yield* Effect.die(`The layout ${layout} has no slots`)
    return yield* auctions.open(slots)
  }, Effect.provideContext(context))

  return { auctions, open }
})

/** What a client does on the offer market: lays datasets out over slots, asks for offers for each, sees each auction to its end. */
export class AuctionInteractions extends Context.Service<AuctionInteractions, Effect.Success<typeof make>>()(
  "@pecia/node/AuctionInteractions",
) {
  static readonly layer = Layer.effect(AuctionInteractions, make).pipe(
    Layer.provide(Auctions.layer),
    Layer.provide(SelectingStrategy.layerLowestPrice()),
  )
}
