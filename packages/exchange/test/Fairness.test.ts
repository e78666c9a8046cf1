import { assert, describe, it } from "@effect/vitest"
import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Context, Effect, Layer } from "effect"
import { Exchange } from "../src/index.ts"
import { encodeRequest } from "../src/internal/messages.ts"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode, listen } from "./beds.ts"
import { askerOf } from "./rawNode.ts"

const { assertBlocks, connect, dataBlock, fetchAll, storeAll } = ExchangeTest

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const counted = (reads: Array<string>) =>
  Layer.effect(
    BlockStore,
    Effect.map(BlockStore, (store) => ({
      ...store,
      get: (cid) =>
        Effect.suspend(() => {
          reads.push(cid.toString())
          return store.get(cid)
        }),
    })),
  )

/** A node, and the CIDs of the blocks that it read, in their order. */
const countingNode = Effect.gen(function* () {
  const reads: Array<string> = []
  const stores = counted(reads).pipe(
    Layer.provide(BlockStore.layerMemory),
    Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 30n })),
  )
  const context = yield* Layer.build(Layer.fresh(Exchange.layer({ listen }).pipe(Layer.provideMerge(stores))))
  const node: ExchangeTest.BedNode = {
    exchange: Context.get(context, Exchange),
    store: Context.get(context, BlockStore),
    space: Context.get(context, BlockSpace),
  }
  return { node, reads }
})

const large = Array.from({ length: 64 }, (_, i) => dataBlock(i, 65_536))

describe("Peers that ask for all that they may and take nothing", () => {
  it.effect("keep nobody else waiting, and little is read for them", () =>
    Effect.gen(function* () {
      const { node, reads } = yield* countingNode
      yield* storeAll(node, large)
      const greedy = 10
      for (let i = 0; i < greedy; i++) {
        const open = yield* askerOf(node)
        for (let request = 0; request < 8; request++) {
          const stream = yield* open
          stream.pause()
          stream.send(encodeRequest(large.map(({ cid }) => cid)))
          yield* Effect.promise(() => stream.close())
        }
      }
      // Each has something: they came first.
      while (reads.length < greedy * 4) yield* turn

      const modest = yield* libp2pNode()
      yield* connect(modest, node)
      assertBlocks(yield* fetchAll(modest, large), large)
      // All that was asked for would be 8 * 64 blocks of each; 8 windows of 256 KiB, 1 MiB that waits, and a little more are read.
      assert.isBelow(reads.length - large.length, greedy * 100)
    }),
  )
})
