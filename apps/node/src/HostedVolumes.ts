import type { SlotId } from "@pecia/contracts-abi"
import {
  type Block,
  type BlockCorrupt,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type IncorrectCid,
  InvalidManifest,
  type InvalidSlotContent,
  type InvalidSlotLayout,
  SlotLayout,
  SlotManifest,
  type SpaceExhausted,
} from "@pecia/datasets"
import type { BlocksUnavailable } from "@pecia/exchange"
import type { SlotMismatch } from "@pecia/proving"
import { Reservations, type ReservationsError, type SlotMarket } from "@pecia/reservations"
import { Effect, Option, Stream } from "effect"
import { Retrieval } from "./Retrieval.ts"
import { ReturnedSpace } from "./ReturnedSpace.ts"

/** Blocks of one slot that are written to disk at a time. */
const writes = 8

type Failure =
  | IncorrectCid
  | InvalidManifest
  | InvalidSlotContent
  | InvalidSlotLayout
  | SlotMismatch
  | BlocksUnavailable
  | BlockNotFound
  | BlockCorrupt
  | SpaceExhausted
  | BlockStoreError
  | ReservationsError

/** False: the request, or what its client serves, is wrong. True: a peer, a disk or a quota is in the way for now. */
const mayPass: { readonly [Tag in Failure["_tag"]]: boolean } = {
  IncorrectCid: false,
  InvalidManifest: false,
  InvalidSlotContent: false,
  InvalidSlotLayout: false,
  SlotMismatch: false,
  BlocksUnavailable: true,
  BlockNotFound: true,
  BlockCorrupt: true,
  SpaceExhausted: true,
  BlockStoreError: true,
  ReservationsError: true,
}

/** What a role on the market has to know of a failure. */
export const unavailability = (failure: Failure) => ({
  detail: failure.message,
  isRetryable: mayPass[failure._tag],
})

/** The data of the slots that this node hosts for one market: a volume per slot in the block store, with the manifests that lead to it. */
export const makeHostedVolumes = Effect.fnUntraced(function* (market: SlotMarket) {
  const store = yield* BlockStore
  const retrieval = yield* Retrieval
  const ledger = yield* Reservations
  const returned = yield* ReturnedSpace

  /** The blocks that a slot consists of, and those that say so. Nothing is allocated by what a stranger's manifest claims. */
  const describe = Effect.fnUntraced(function* (layoutBlock: Block, slotIndex: bigint) {
    const { slotRoots, slotSizeBytes } = yield* Effect.fromResult(SlotManifest.decode(layoutBlock))
    const dataset = yield* retrieval.dataset(layoutBlock.cid)
    const layout = yield* Effect.fromResult(SlotLayout.make(dataset.blocks, slotRoots.length, slotSizeBytes))
    const blocks = layout.slotBlocks(slotIndex)
    if (Option.isNone(blocks))
      return yield* new InvalidManifest({ cid: layoutBlock.cid, detail: `it has no slot ${slotIndex}` })
    return {
      metadata: [layoutBlock, dataset.manifestBlock, dataset.listBlock],
      blocks: blocks.value.flatMap(Option.toArray),
    }
  })

  return {
    /** Fetches a slot into its volume, for which the space is held, by the manifest of its layout; puts what else leads there beside it. */
    fill: Effect.fn("HostedVolumes.fill")(function* (
      volume: SlotId,
      layoutBlock: Block,
      slotIndex: bigint,
      ...beside: ReadonlyArray<Block>
    ) {
      const { metadata, blocks } = yield* describe(layoutBlock, slotIndex)
      yield* Effect.forEach([...beside, ...metadata], (block) => store.put(volume, block), { discard: true })
      yield* retrieval.blocks(blocks).pipe(
        Stream.mapEffect((block) => store.put(volume, block), { concurrency: writes }),
        Stream.runDrain,
      )
    }),
    /** Removes a slot and gives its space back. Nothing there: nothing happens. */
    clear: Effect.fn("HostedVolumes.clear")(function* (volume: SlotId) {
      const isHeld = Option.isSome(yield* ledger.reservation(volume))
      yield* store.drop(volume)
      if (isHeld) yield* returned.tell(market)
    }),
  }
})
