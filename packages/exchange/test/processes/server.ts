/** Serves as many blocks of 64 KiB as it is told, on loopback, until it is killed. Prints its address once it listens. */

import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Console, Effect, Layer } from "effect"
import { Exchange } from "../../src/index.ts"
import { manyBlocks } from "../manyBlocks.ts"

const count = Number(process.argv[2])

const serve = Effect.gen(function* () {
  const exchange = yield* Exchange
  const store = yield* BlockStore
  const space = yield* BlockSpace
  for (const block of manyBlocks(count)) {
    yield* space.hold("0xa", BigInt(block.bytes.length))
    yield* store.put("0xa", block)
  }
  yield* Console.log(`${exchange.addresses[0]}/p2p/${exchange.peerId}`)
  yield* Effect.never
})

await Effect.runPromise(
  Effect.provide(
    serve,
    Exchange.layer({ listen: ["/ip4/127.0.0.1/tcp/0"] }).pipe(
      Layer.provideMerge(BlockStore.layerMemory),
      Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
    ),
  ),
)
