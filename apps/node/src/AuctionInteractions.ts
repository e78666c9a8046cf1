import {
  type Auction,
  AuctionJournal,
  type AuctionTerms as AuctionOfSlot,
  Auctions,
  SelectingStrategy,
} from "@pecia/auctions"
import { ContentHash } from "@pecia/contracts-abi"
import { type Cid, type LaidOut, Slots } from "@pecia/datasets"
import { Array as Arrays, Context, Effect, Layer, Option, Stream } from "effect"
import { LaidSlots } from "./LaidSlots.ts"

/** The terms on which a client asks for offers; seconds, and token base units. */
export interface AuctionTerms {
  /** Slots in all; each is traded by itself. */
  readonly slots: number
  /** How many of them can be lost: so many are parity. */
  readonly tolerance: number
  readonly durationSeconds: bigint
  /** Until when a host has to be selected and to have started, from now on. */
  readonly expirySeconds: bigint
  readonly maxPricePerBytePerSecond: bigint
  /** About one proof in so many periods. */
  readonly proofProbability: bigint
}

const make = Effect.gen(function* () {
  const auctions = yield* Auctions
  const slots = yield* Slots
  const laidSlots = yield* LaidSlots
  const scope = yield* Effect.scope

  /** What was laid out for an auction goes as it goes on. */
  const follow = ({ states }: Auction) =>
    Effect.forkIn(
      Stream.runForEach(states, () => laidSlots.sweep),
      scope,
    )
  for (const { id } of yield* (yield* AuctionJournal).open)
    yield* Effect.flatMap(auctions.find(id), Option.match({ onNone: () => Effect.void, onSome: follow }))

  const ask = Effect.fnUntraced(function* ({ cid, manifest }: LaidOut, terms: AuctionTerms) {
    const each = (yield* slots.contentsOf(cid)).map(
      (content, slotIndex): AuctionOfSlot => ({
        dataset: `${cid}`,
        slotIndex,
        size: manifest.slotSizeBytes,
        contentHash: ContentHash.fromBytes(content.multihash.digest),
        duration: terms.durationSeconds,
        proofProbability: terms.proofProbability,
        maxPrice: terms.maxPricePerBytePerSecond * manifest.slotSizeBytes * terms.durationSeconds,
        expirySeconds: terms.expirySeconds,
      }),
    )
    if (!Arrays.isReadonlyArrayNonEmpty(each)) return yield* Effect.die(`The layout ${cid} has no slots`)
    const opened = yield* auctions.open(each)
    yield* Effect.forEach(opened, follow)
    return opened
  })

  return {
    auctions,
    open: Effect.fn("AuctionInteractions.open")((cid: Cid, terms: AuctionTerms) =>
      laidSlots.order(cid, { data: terms.slots - terms.tolerance, parity: terms.tolerance }, (laid) =>
        ask(laid, terms),
      ),
    ),
  }
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
