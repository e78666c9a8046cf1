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

    /** The slot manifest by which a request says where its slots are, if they are as the request says. */
    const slotManifestOf = Effect.fnUntraced(function* ({ ask, content }: StorageRequest, slotIndex: bigint) {
      const cid = yield* Effect.fromResult(parseCid(content.cid))
      const found = yield* Effect.fromResult(SlotManifest.decode(yield* retrieval.metadata(cid)))
      if (BigInt(found.slots.length) === ask.slots && found.slotSizeBytes === ask.slotSize) return cid
      const detail = `The request asks for ${ask.slots} slots of ${ask.slotSize} bytes; its manifest ${cid} has ${found.slots.length} of ${found.slotSizeBytes}.`
      return yield* new SlotMismatch({ slotIndex, detail })
    })

    return SlotStorage.of({
      store: Effect.fn("HostedSlots.store")(
        function* (request: StorageRequest, slotIndex: bigint) {
          const volume = slotId(StorageRequest.id(request), slotIndex)
          yield* volumes.fill(volume, yield* slotManifestOf(request, slotIndex), slotIndex)
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
