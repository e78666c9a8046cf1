import { type SlotId, StorageRequest, slotId } from "@pecia/contracts-abi"
import { BlockStore, parseCid, SlotLayout, SlotManifest } from "@pecia/datasets"
import { Prover, SlotCheck } from "@pecia/proving"
import { SlotStorage, SlotUnavailable } from "@pecia/sales"
import { Effect, Layer, Option, Stream } from "effect"
import { Retrieval } from "./Retrieval.ts"

/** Blocks of one slot that are written to disk at a time. */
const writes = 8

const unavailable = (isRetryable: boolean) => (error: { readonly message: string }) =>
  Effect.fail(new SlotUnavailable({ detail: error.message, isRetryable }))
/** The request, or what its client serves, is wrong: no use in trying again. */
const contradicts = unavailable(false)
/** A peer, a disk or a quota is in the way for now. */
const notYet = unavailable(true)

/** The data of the slots that this node hosts: a volume per slot in the block store, with the manifests that lead to it. */
export const layer = Layer.effect(
  SlotStorage,
  Effect.gen(function* () {
    const store = yield* BlockStore
    const retrieval = yield* Retrieval
    const slots = yield* SlotCheck
    const prover = yield* Prover

    /** The blocks that the slot consists of, and those that say so. Nothing is stored, nor allocated by what the request claims. */
    const describe = Effect.fnUntraced(function* ({ ask, content }: StorageRequest, slotIndex: bigint) {
      const layoutBlock = yield* retrieval.metadata(yield* Effect.fromResult(parseCid(content.cid)))
      const { slotRoots, slotSizeBytes } = yield* Effect.fromResult(SlotManifest.decode(layoutBlock))
      if (BigInt(slotRoots.length) !== ask.slots || slotSizeBytes !== ask.slotSize)
        return yield* contradicts({ message: `The manifest ${content.cid} is not laid out as the request says.` })
      const dataset = yield* retrieval.dataset(layoutBlock.cid)
      const layout = yield* Effect.fromResult(SlotLayout.make(dataset.blocks, slotRoots.length, slotSizeBytes))
      const blocks = yield* Option.match(layout.slotBlocks(slotIndex), {
        onNone: () => contradicts({ message: `The manifest ${content.cid} has no slot ${slotIndex}.` }),
        onSome: Effect.succeed,
      })
      return {
        metadata: [layoutBlock, dataset.manifestBlock, dataset.listBlock],
        blocks: blocks.flatMap(Option.toArray),
      }
    })

    return SlotStorage.of({
      store: Effect.fn("HostedSlots.store")(
        function* (request, slotIndex) {
          const volume = slotId(StorageRequest.id(request), slotIndex)
          const { metadata, blocks } = yield* describe(request, slotIndex)
          yield* Effect.forEach(metadata, (block) => store.put(volume, block), { discard: true })
          yield* retrieval.blocks(blocks).pipe(
            Stream.mapEffect((block) => store.put(volume, block), { concurrency: writes }),
            Stream.runDrain,
          )
          yield* slots.check(request, slotIndex)
        },
        Effect.catchTags({
          IncorrectCid: contradicts,
          InvalidManifest: contradicts,
          InvalidSlotLayout: contradicts,
          SlotMismatch: contradicts,
          BlocksUnavailable: notYet,
          BlockNotFound: notYet,
          BlockCorrupt: notYet,
          SpaceExhausted: notYet,
          BlockStoreError: notYet,
        }),
      ),
      prove: (request, slotIndex, challenge) => Effect.catch(prover.prove(request, slotIndex, challenge), contradicts),
      clear: (id: SlotId) => Effect.catch(store.drop(id), notYet),
    })
  }),
)
