import { type Block, BlockStore, cidOfDigest, isDataCid } from "@pecia/datasets"
import { Prover, SlotCheck } from "@pecia/proving"
import { Effect, Layer } from "effect"

/**
 * The content block of a contract as it stands beside the hosted slot that it leads to: as metadata, as which manifests are counted
 * too. By its own name it would count as data, which may fill the space of the slot to the last byte.
 */
export const contentAsMetadata = ({ cid, bytes }: Block): Block => ({
  cid: cidOfDigest("metadata", cid.multihash.digest),
  bytes,
})

/** A store that has content blocks under their own names too. */
export const withContents = (store: BlockStore["Service"]): BlockStore["Service"] => ({
  ...store,
  get: (cid) =>
    Effect.catchTag(store.get(cid), "BlockNotFound", (missing) =>
      isDataCid(cid)
        ? Effect.catchTag(store.get(cidOfDigest("metadata", cid.multihash.digest)), "BlockNotFound", () =>
            Effect.fail(missing),
          )
        : Effect.fail(missing),
    ),
})

const layerContents = Layer.effect(BlockStore, Effect.map(BlockStore, withContents))

/** Compares hosted slots with their requests and makes proofs of them, for both markets. */
export const layer = Prover.layer.pipe(Layer.provideMerge(SlotCheck.layer().pipe(Layer.provide(layerContents))))
