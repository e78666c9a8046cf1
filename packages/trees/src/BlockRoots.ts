import { Context, Effect, Layer } from "effect"
import * as ThreadRoots from "./internal/threadRoots.ts"
import { blockBytes } from "./Merkle.ts"
import { SlotTree } from "./SlotTree.ts"

/**
 * Hashes blocks into their roots.
 *
 * Law: the roots are those of `SlotTree.blockRoot`, in a buffer of their own. Blocks belong to the caller, who must not change them
 * before the call has ended; they are neither kept nor changed.
 */
export class BlockRoots extends Context.Service<
  BlockRoots,
  {
    /** The roots of blocks of at most 64 KiB each, in order, 32 bytes each. A longer block is a defect (RangeError). */
    readonly of: (blocks: ReadonlyArray<Uint8Array>) => Effect.Effect<Uint8Array>
  }
>()("@pecia/trees/BlockRoots") {
  /** In worker threads, as many as there are cores, and at most four. Calls wait while all are busy. */
  static readonly layer: Layer.Layer<BlockRoots> = Layer.effect(
    BlockRoots,
    Effect.suspend(() => inThreads()),
  )

  /** In as many worker threads as you say. */
  static readonly layerThreads = (threads: number): Layer.Layer<BlockRoots> =>
    Layer.effect(
      BlockRoots,
      Effect.suspend(() => inThreads(threads)),
    )

  /** On the calling thread; other work goes on between blocks. */
  static readonly layerInThread: Layer.Layer<BlockRoots> = Layer.sync(BlockRoots, () =>
    make(
      Effect.fnUntraced(function* (blocks) {
        const roots = new Uint8Array(blocks.length * 32)
        for (const [index, bytes] of blocks.entries()) {
          roots.set(SlotTree.blockRoot(bytes), index * 32)
          yield* Effect.yieldNow
        }
        return roots
      }),
    ),
  )
}

const make = (of: BlockRoots["Service"]["of"]): BlockRoots["Service"] =>
  BlockRoots.of({
    of: Effect.fn("BlockRoots.of")(function* (blocks: ReadonlyArray<Uint8Array>) {
      const long = blocks.find(({ length }) => length > blockBytes)
      if (long === undefined) return yield* of(blocks)
      return yield* Effect.die(new RangeError(`A block has at most ${blockBytes} bytes, not ${long.length}.`))
    }),
  })

/** The thread's file stands beside this one, in sources and in what is published. */
const threadFile = () => new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url)

const inThreads = (size?: number) => Effect.map(ThreadRoots.make({ file: threadFile(), size }), make)
