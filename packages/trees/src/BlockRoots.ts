import { Context, Effect, Layer } from "effect"
import { SlotTree } from "./SlotTree.ts"

/** Hashes blocks into their roots. Law: the roots are those of `SlotTree.blockRoot`. */
export class BlockRoots extends Context.Service<
  BlockRoots,
  {
    /** The roots of blocks of at most 64 KiB each, in order, 32 bytes each. */
    readonly of: (blocks: ReadonlyArray<Uint8Array>) => Effect.Effect<Uint8Array>
  }
>()("@pecia/trees/BlockRoots") {
  /** On the calling thread; other work goes on between blocks. */
  static readonly layerInThread: Layer.Layer<BlockRoots> = Layer.succeed(BlockRoots, {
    of: Effect.fnUntraced(function* (blocks) {
      const roots = new Uint8Array(blocks.length * 32)
      for (const [index, bytes] of blocks.entries()) {
        roots.set(SlotTree.blockRoot(bytes), index * 32)
        yield* Effect.yieldNow
      }
      return roots
    }),
  })
}
