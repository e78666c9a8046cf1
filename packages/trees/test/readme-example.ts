import { BlockRoots, climb, hashPair, SlotTree } from "@pecia/trees"
import { Console, Effect } from "effect"

export const program = Effect.gen(function* () {
  const blocks = ["three", "short", "blocks"].map((text) => new TextEncoder().encode(text))
  const tree = SlotTree.fromBlockRoots(yield* (yield* BlockRoots).of(blocks))
  // what a proof shows of the second block: its first 64 bytes, pair 1024 of the slot, and the way up to the root
  const { pair, path } = yield* Effect.fromOption(SlotTree.reveal(tree, 1024n, blocks[1] ?? new Uint8Array()))
  const root = climb(
    hashPair(pair.subarray(0, 32), pair.subarray(32)),
    1024n,
    new Uint8Array(path.flatMap((node) => [...node])),
  )
  yield* Console.log(`${path.length} nodes lead to the root: ${root.every((byte, i) => byte === tree.root[i])}`)
}).pipe(Effect.provide(BlockRoots.layer))
