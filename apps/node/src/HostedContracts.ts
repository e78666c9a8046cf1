import { BidStorage, bidVolume, DataUnavailable } from "@pecia/bidding"
import { ContentHash, type OpenRequest } from "@pecia/contracts-abi"
import { type Block, BlockStore, SlotContent, SlotManifest } from "@pecia/datasets"
import { SlotCheck, SlotMismatch } from "@pecia/proving"
import { Effect, Layer, Option, Stream } from "effect"
import { makeHostedVolumes, unavailability } from "./HostedVolumes.ts"
import { Retrieval } from "./Retrieval.ts"
import { contentAsMetadata, withContents } from "./SlotProofs.ts"

const mismatch = (detail: string) => new SlotMismatch({ detail })

/** The data of the contracts that this node keeps on the offer market. */
export const layer = Layer.effect(
  BidStorage,
  Effect.gen(function* () {
    const volumes = yield* makeHostedVolumes("OfferMarket")
    const retrieval = yield* Retrieval
    const slots = yield* SlotCheck
    const store = withContents(yield* BlockStore)

    /** The block whose hash stands in the request: it leads to everything else. Once it is here, nobody is asked for it. */
    const contentOf = Effect.fnUntraced(function* ({ contentHash }: OpenRequest) {
      const cid = SlotContent.cid(ContentHash.toBytes(contentHash))
      const fetched = Effect.flatMap(
        Stream.runHead(retrieval.source(cid)([cid])),
        Option.match({
          onNone: () => Effect.die(`The retrieval ended without block ${cid}`),
          onSome: Effect.succeed,
        }),
      )
      const here = Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))
      return yield* Effect.catchTag(here, ["BlockNotFound", "BlockCorrupt"], () => fetched)
    })

    /** Which slot of which manifest it is. */
    const placeOf = Effect.fnUntraced(function* (request: OpenRequest, content: Block) {
      const { manifest, slotRoot } = yield* Effect.fromResult(SlotContent.decode(content))
      const { slots, slotSizeBytes } = yield* Effect.fromResult(
        SlotManifest.decode(yield* retrieval.metadata(manifest)),
      )
      if (slotSizeBytes !== request.size)
        return yield* mismatch(`It asks for ${request.size} bytes; the slots of its manifest have ${slotSizeBytes}.`)
      const index = slots.findIndex(({ root }) => Buffer.compare(root, slotRoot) === 0)
      if (index === -1) return yield* mismatch(`The manifest ${manifest} has no slot with its root.`)
      return { manifest, slotIndex: BigInt(index) }
    })

    return BidStorage.of({
      store: Effect.fn("HostedContracts.store")(
        function* (requestId, request) {
          const content = yield* contentOf(request)
          const { manifest, slotIndex } = yield* placeOf(request, content)
          yield* volumes.fill(bidVolume(requestId), manifest, slotIndex, contentAsMetadata(content))
          yield* slots.checkOpen(request)
        },
        Effect.mapError((failure) => new DataUnavailable(unavailability(failure))),
      ),
      clear: (requestId) =>
        Effect.mapError(volumes.clear(bidVolume(requestId)), (failure) => new DataUnavailable(unavailability(failure))),
    })
  }),
)
