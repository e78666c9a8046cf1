import { SlotTree } from "@pecia/trees"
import { Effect, Option } from "effect"
import { type Block, type Cid, cidOfDigest, digestSizeBytes } from "../Block.ts"
import type { SlotEntry } from "../SlotManifest.ts"
import { partBlocksMax, SlotPart } from "../SlotPart.ts"

/** What the parts of one slot say, written part by part; of each block of the slot 32 bytes are kept, and 64 of those of the part that is not full yet. */
export interface PartWriter<E, R> {
  readonly add: (block: Option.Option<Cid>, root: Uint8Array) => Effect.Effect<void, E, R>
  readonly end: Effect.Effect<SlotEntry, E, R>
}

/** For a slot of so many blocks. `write` gets each part when it is full, and its index. */
export const makePartWriter = <E, R>(
  blocks: number,
  write: (part: Block, index: number) => Effect.Effect<void, E, R>,
): PartWriter<E, R> => {
  const partBlocks = Math.min(blocks, partBlocksMax)
  const parts: Array<Cid> = []
  const rootsBefore: Array<Uint8Array> = []
  // Digests instead of CIDs, which take ten times their room. None: zeros behind the end.
  const digests = new Uint8Array(partBlocks * digestSizeBytes)
  let isStored: Array<boolean> = []
  const roots = new Uint8Array(partBlocks * 32)

  const flush = Effect.suspend(() => {
    const part = SlotPart.encode({
      blocks: isStored.map((stored, i) =>
        stored
          ? Option.some(cidOfDigest("data", digests.subarray(i * digestSizeBytes, (i + 1) * digestSizeBytes)))
          : Option.none(),
      ),
      roots: roots.subarray(0, isStored.length * 32),
    })
    rootsBefore.push(roots.slice(0, isStored.length * 32))
    parts.push(part.cid)
    isStored = []
    return write(part, parts.length - 1)
  })

  return {
    add: (block, root) =>
      Effect.suspend(() => {
        const at = isStored.length
        if (Option.isSome(block)) digests.set(block.value.multihash.digest, at * digestSizeBytes)
        roots.set(root, at * 32)
        isStored.push(Option.isSome(block))
        return isStored.length === partBlocksMax ? flush : Effect.void
      }),
    end: Effect.gen(function* () {
      if (isStored.length > 0) yield* flush
      return { root: SlotTree.fromBlockRoots(Buffer.concat(rootsBefore)).root, parts }
    }),
  }
}
