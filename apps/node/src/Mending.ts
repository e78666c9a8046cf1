import {
  BlockStore,
  type Cid,
  type Corruption,
  cidOfDigest,
  isMetadataCid,
  parseCid,
  SlotContent,
  SlotManifest,
  Slots,
} from "@pecia/datasets"
import { type Reservation, Reservations } from "@pecia/reservations"
import { Effect, Layer, Option, Result, Stream } from "effect"
import { LongSteps } from "./LongSteps.ts"
import { importDataset, Retrieval } from "./Retrieval.ts"

/** Damaged blocks that are seen to at the same time. */
const mendedAtOnce = 2

/** The slot that stands in a volume, as the metadata beside it says. */
const slotIn = Effect.fnUntraced(function* (store: BlockStore["Service"], { market, slotId, slotIndex }: Reservation) {
  let layout: { readonly cid: Cid; readonly manifest: SlotManifest } | undefined
  let root: Uint8Array | undefined
  const read = Effect.fnUntraced(function* (cid: Cid) {
    const bytes = yield* store.get(cid)
    const manifest = SlotManifest.decode({ cid, bytes })
    if (Result.isSuccess(manifest)) layout = { cid, manifest: manifest.success }
    // The content block of a contract is kept as metadata.
    const content = SlotContent.decode({ cid: cidOfDigest("data", cid.multihash.digest), bytes })
    if (Result.isSuccess(content)) root = content.success.slotRoot
  })
  yield* store.blocks(slotId).pipe(
    Stream.filter(({ cid }) => isMetadataCid(cid)),
    Stream.runForEach(({ cid }) => Effect.ignore(read(cid))),
  )
  if (layout === undefined) return Option.none()
  const { cid, manifest } = layout
  const index =
    market === "Marketplace"
      ? Number(slotIndex)
      : manifest.slots.findIndex((slot) => root !== undefined && Buffer.compare(slot.root, root) === 0)
  return index === -1 ? Option.none() : Option.some({ slotManifest: cid, index })
})

/**
 * Sees to blocks that are found damaged, as long as the scope is open: they are fetched again, or else the slot is stored anew from other
 * slots, the dataset from what hosts have. What cannot be had now is tried again when the damage is found again.
 */
export const layer = Layer.effectDiscard(
  Effect.gen(function* () {
    const store = yield* BlockStore
    const slots = yield* Slots
    const ledger = yield* Reservations
    const retrieval = yield* Retrieval
    const steps = yield* LongSteps

    const fetchAgain = Effect.fnUntraced(function* ({ cid, volume }: Corruption) {
      const block = yield* Stream.runHead(retrieval.source(cid)([cid]))
      yield* store.put(volume, yield* Effect.fromOption(block))
    })

    const storeAgain = Effect.fnUntraced(function* ({ volume }: Corruption) {
      const reservation = (yield* ledger.reservations).find(({ slotId }) => slotId === volume)
      if (reservation !== undefined) {
        const { index, slotManifest } = yield* Effect.flatMap(slotIn(store, reservation), Effect.fromOption)
        return yield* steps.about(volume)(slots.store(volume, slotManifest, index, retrieval.source(slotManifest)))
      }
      const dataset = yield* Effect.fromResult(parseCid(volume))
      yield* steps.about(volume)(importDataset(yield* retrieval.dataset(dataset)))
    })

    const mend = Effect.fnUntraced(
      function* (damage: Corruption) {
        yield* Effect.logWarning(`Block ${damage.cid} of ${damage.volume} was found damaged.`)
        yield* Effect.catch(fetchAgain(damage), () => storeAgain(damage))
        yield* Effect.logInfo(`Block ${damage.cid} of ${damage.volume} is mended.`)
      },
      (effect, { cid, volume }) =>
        Effect.catch(effect, ({ message }) =>
          Effect.logWarning(`Block ${cid} of ${volume} could not be mended. ${message}`),
        ),
    )

    yield* Effect.forkScoped(
      Stream.runDrain(Stream.mapEffect(store.corruptions, mend, { concurrency: mendedAtOnce, unordered: true })),
      { startImmediately: true },
    )
  }),
)
