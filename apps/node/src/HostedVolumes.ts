import type { SlotId } from "@pecia/contracts-abi"
import {
  type Block,
  type BlockCorrupt,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type Cid,
  type IncorrectCid,
  type InvalidManifest,
  type InvalidSlotContent,
  isMetadataCid,
  SlotManifest,
  Slots,
  type SpaceExhausted,
  type TooFewSlots,
  type UnknownCodec,
} from "@pecia/datasets"
import { type BlocksUnavailable, Exchange } from "@pecia/exchange"
import type { SlotMismatch } from "@pecia/proving"
import { Reservations, type ReservationsError, type SlotMarket } from "@pecia/reservations"
import { Effect, FiberMap, Option, Result, Stream } from "effect"
import { LongSteps } from "./LongSteps.ts"
import { Retrieval } from "./Retrieval.ts"
import { ReturnedSpace } from "./ReturnedSpace.ts"

type Failure =
  | IncorrectCid
  | InvalidManifest
  | InvalidSlotContent
  | SlotMismatch
  | UnknownCodec
  | TooFewSlots
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
  SlotMismatch: false,
  UnknownCodec: false,
  TooFewSlots: true,
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

/** The slot manifest in the volume of a hosted slot. */
const slotManifestIn = (store: BlockStore["Service"], volume: string) =>
  store.blocks(volume).pipe(
    Stream.filter(({ cid }) => isMetadataCid(cid)),
    Stream.mapEffect(({ cid }) => Effect.option(Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes })))),
    Stream.flatMap((block) => Stream.fromIterable(Option.toArray(block))),
    Stream.filter((block) => Result.isSuccess(SlotManifest.decode(block))),
    Stream.map(({ cid }) => cid),
    Stream.runHead,
  )

/** The data of the slots that this node hosts for one market: a volume per slot in the block store, with the manifests that lead to it. */
export const makeHostedVolumes = Effect.fnUntraced(function* (market: SlotMarket) {
  const store = yield* BlockStore
  const slots = yield* Slots
  const exchange = yield* Exchange
  const retrieval = yield* Retrieval
  const ledger = yield* Reservations
  const returned = yield* ReturnedSpace
  const steps = yield* LongSteps
  const announced = yield* FiberMap.make<SlotId>()

  /** For whoever rebuilds another slot of the dataset, or reads it. */
  const announce = (volume: SlotId, slotManifest: Cid) =>
    FiberMap.run(announced, volume, Effect.scoped(Effect.andThen(exchange.announce(slotManifest), Effect.never)), {
      onlyIfMissing: true,
    })

  const announceAll = Effect.gen(function* () {
    const held = (yield* ledger.reservations).filter((one) => one.market === market)
    for (const { slotId } of held) {
      const found = yield* slotManifestIn(store, slotId)
      if (Option.isSome(found)) yield* announce(slotId, found.value)
    }
  })
  yield* Effect.forkScoped(
    Effect.catch(announceAll, ({ message }) => Effect.logWarning(`Hosted slots are not announced. ${message}`)),
  )

  return {
    /**
     * Brings a slot into its volume, for which the space is held; where its own blocks cannot be had, from other slots. What else leads
     * there is put beside it.
     */
    fill: Effect.fn("HostedVolumes.fill")(function* (
      volume: SlotId,
      slotManifest: Cid,
      slotIndex: bigint,
      ...beside: ReadonlyArray<Block>
    ) {
      yield* Effect.forEach(beside, (block) => store.put(volume, block), { discard: true })
      yield* slots
        .store(volume, slotManifest, Number(slotIndex), retrieval.source(slotManifest))
        .pipe(steps.about(volume))
      yield* announce(volume, slotManifest)
    }),
    /** Removes a slot and gives its space back. Nothing there: nothing happens. */
    clear: Effect.fn("HostedVolumes.clear")(function* (volume: SlotId) {
      const isHeld = Option.isSome(yield* ledger.reservation(volume))
      yield* FiberMap.remove(announced, volume)
      yield* store.drop(volume)
      if (isHeld) yield* returned.tell(market)
    }),
  }
})
