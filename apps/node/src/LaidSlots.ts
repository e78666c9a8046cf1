import { AuctionJournal } from "@pecia/auctions"
import {
  type BlockCorrupt,
  type BlockNotFound,
  BlockStore,
  type BlockStoreError,
  type Cid,
  type InvalidManifest,
  type InvalidSlotLayout,
  isMetadataCid,
  type LaidOut,
  parseCid,
  SlotContent,
  SlotManifest,
  type SlotShape,
  Slots,
  type SpaceError,
  type SpaceExhausted,
} from "@pecia/datasets"
import { Exchange } from "@pecia/exchange"
import { PurchaseJournal } from "@pecia/purchasing"
import { Context, Effect, FiberMap, Layer, Option, Result, Semaphore } from "effect"
import { LongSteps } from "./LongSteps.ts"

/** The volume of `Slots.lay` is called so, with the slot manifest's CID behind it. */
const slotsPrefix = "slots-"
/** Here the slot manifest stays, and the dataset's, as long as the slots are bought. */
const layoutPrefix = "layout-"

/** Datasets that are laid out and asked for at the same time. */
const ordersMax = 1_000_000

/** The slot manifest after which a volume is called. */
const layoutIn = (prefix: string, volume: string): Option.Option<Cid> =>
  volume.startsWith(prefix)
    ? Option.filter(Result.getSuccess(parseCid(volume.slice(prefix.length))), isMetadataCid)
    : Option.none()

const waitingStates: ReadonlyArray<string> = ["Pending", "Submitted", "Open", "Selected"]

/**
 * The datasets that a client has laid out over slots to have them kept by hosts. Parity, and what leads to the slots, stays here until
 * no purchase and no auction waits for hosts; the slot manifest stays until they are over. The journals say so, after a restart too.
 */
export class LaidSlots extends Context.Service<
  LaidSlots,
  {
    /** Lays a dataset out and lets `ask` ask for its slots. Nothing of it is kept if that fails. */
    readonly order: <A, E, R>(
      dataset: Cid,
      shape: SlotShape,
      ask: (laid: LaidOut) => Effect.Effect<A, E, R>,
    ) => Effect.Effect<
      A,
      | E
      | BlockNotFound
      | BlockCorrupt
      | BlockStoreError
      | InvalidManifest
      | SpaceExhausted
      | SpaceError
      | InvalidSlotLayout,
      R
    >
    /** Removes what nothing waits for any more: for whoever sees a purchase or an auction go on. */
    readonly sweep: Effect.Effect<void>
    /** The slot manifests of a dataset, as far as it was laid out here. */
    readonly layoutsOf: (dataset: Cid) => Effect.Effect<ReadonlyArray<Cid>, BlockStoreError>
  }
>()("@pecia/node/LaidSlots") {
  static readonly layer: Layer.Layer<
    LaidSlots,
    never,
    Slots | BlockStore | Exchange | LongSteps | PurchaseJournal | AuctionJournal
  > = Layer.effect(
    LaidSlots,
    Effect.suspend(() => make),
  )
}

const make = Effect.gen(function* () {
  const slots = yield* Slots
  const store = yield* BlockStore
  const exchange = yield* Exchange
  const purchases = yield* PurchaseJournal
  const auctions = yield* AuctionJournal
  const steps = yield* LongSteps
  const announced = yield* FiberMap.make<string>()
  const orders = yield* Semaphore.make(ordersMax)

  const layouts = (prefix: string) =>
    Effect.map(store.volumes, (volumes) => volumes.flatMap(({ volume }) => Option.toArray(layoutIn(prefix, volume))))

  const manifestOf = Effect.fnUntraced(function* (cid: Cid) {
    return yield* Effect.fromResult(SlotManifest.decode({ cid, bytes: yield* store.get(cid) }))
  })

  /** Whoever looks for the slots knows the slot manifest, or the content block of one. */
  const announce = Effect.fnUntraced(
    function* (cid: Cid) {
      const manifest = yield* manifestOf(cid)
      const contents = manifest.slots.map(({ root }) => SlotContent.encode({ manifest: cid, slotRoot: root }).cid)
      const here = yield* Effect.filter(contents, store.has)
      const announcing = Effect.forEach([cid, ...here], exchange.announce, { discard: true })
      yield* FiberMap.run(announced, `${cid}`, Effect.scoped(Effect.andThen(announcing, Effect.never)))
    },
    Effect.catch((error) => Effect.logWarning(`Slots on offer were not announced. ${error.message}`)),
  )

  const remember = Effect.fnUntraced(function* ({ cid, manifest }: LaidOut) {
    for (const one of [manifest.manifest, cid])
      yield* store.put(`${layoutPrefix}${cid}`, { cid: one, bytes: yield* store.get(one) })
  })

  /** The orders that go on, by the slot manifests that they are about. */
  const open = Effect.gen(function* () {
    const bought = (yield* purchases.open).map(({ request, state }) => [request.content.cid, state._tag] as const)
    const opened = (yield* auctions.open).map(({ dataset, state }) => [dataset, state._tag] as const)
    return [...bought, ...opened]
  })

  const sweepNow = Effect.gen(function* () {
    const all = yield* open
    const going = new Set<string>(all.map(([layout]) => layout))
    const waiting = new Set<string>(all.flatMap(([layout, state]) => (waitingStates.includes(state) ? [layout] : [])))
    for (const cid of yield* layouts(slotsPrefix)) {
      if (waiting.has(`${cid}`)) continue
      yield* FiberMap.remove(announced, `${cid}`)
      yield* slots.drop(cid)
    }
    for (const cid of yield* layouts(layoutPrefix)) if (!going.has(`${cid}`)) yield* store.drop(`${layoutPrefix}${cid}`)
  })

  /** Not while an order is being made, which is in no journal yet; whoever makes it sweeps afterwards. */
  const sweep = sweepNow.pipe(
    Effect.catch((error) => Effect.logWarning(`Slots that nobody waits for were not removed. ${error.message}`)),
    orders.withPermitsIfAvailable(ordersMax),
    Effect.asVoid,
  )

  yield* sweep
  yield* Effect.gen(function* () {
    for (const cid of yield* layouts(slotsPrefix)) yield* announce(cid)
  }).pipe(Effect.catch((error) => Effect.logWarning(`Slots on offer were not announced. ${error.message}`)))

  return LaidSlots.of({
    order: (dataset, shape, ask) =>
      Effect.gen(function* () {
        const laid = yield* steps.about(`${dataset}`)(slots.lay(dataset, shape))
        yield* remember(laid)
        const asked = yield* ask(laid)
        yield* announce(laid.cid)
        return asked
      }).pipe(orders.withPermit, Effect.ensuring(sweep), Effect.withSpan("LaidSlots.order")),
    sweep,
    layoutsOf: Effect.fn("LaidSlots.layoutsOf")(function* (dataset: Cid) {
      const known = yield* layouts(layoutPrefix)
      return yield* Effect.filter(known, (cid) =>
        Effect.matchEager(manifestOf(cid), {
          onFailure: () => false,
          onSuccess: ({ manifest }) => manifest.equals(dataset),
        }),
      )
    }),
  })
})
