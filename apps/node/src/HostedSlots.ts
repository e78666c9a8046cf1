import { type SlotId, StorageRequest, slotId } from "@pecia/contracts-abi"
import { parseCid, SlotManifest } from "@pecia/datasets"
import { Prover, SlotCheck, SlotMismatch } from "@pecia/proving"
import { SlotStorage, SlotUnavailable } from "@pecia/sales"
import { Effect, Layer } from "effect"
import { makeHostedVolumes, unavailability } from "./HostedVolumes.ts"
import { Retrieval } from "./Retrieval.ts"

/** The data of the slots that this node sells at fixed prices. */
export const layer = Layer.effect(
  SlotStorage,
  Effect.gen(function* () {
    const volumes = yield* makeHostedVolumes("Marketplace")
    const retrieval = yield* Retrieval
    const slots = yield* SlotCheck
    const prover = yield* Prover

    /** The block with the layout by which a request says where its slots are, if it is laid out as the request says. */
    const layoutOf = Effect.fnUntraced(function* ({ ask, content }: StorageRequest, slotIndex: bigint) {
      const block = yield* retrieval.metadata(yield* Effect.fromResult(parseCid(content.cid)))
      const { slotRoots, slotSizeBytes } = yield* Effect.fromResult(SlotManifest.decode(block))
      if (BigInt(slotRoots.length) === ask.slots && slotSizeBytes === ask.slotSize) return block
      const detail = `The manifest ${content.cid} is not laid out as the request says.`
      return yield* new SlotMismatch({ slotIndex, detail })
    })

    return SlotStorage.of({
      store: Effect.fn("HostedSlots.store")(
        function* (request: StorageRequest, slotIndex: bigint) {
          const volume = slotId(StorageRequest.id(request), slotIndex)
          yield* volumes.fill(volume, yield* layoutOf(request, slotIndex), slotIndex)
          yield* slots.check(request, slotIndex)
        },
        Effect.mapError((failure) => new SlotUnavailable(unavailability(failure))),
      ),
      prove: (request, slotIndex, challenge) =>
        Effect.mapError(
          prover.prove(request, slotIndex, challenge),
          ({ message }) => new SlotUnavailable({ detail: message, isRetryable: false }),
        ),
      clear: (id: SlotId) =>
        Effect.mapError(volumes.clear(id), (failure) => new SlotUnavailable(unavailability(failure))),
    })
  }),
)
