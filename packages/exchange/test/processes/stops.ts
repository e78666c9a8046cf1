/** Starts two nodes with all ways to find others, announces something, stops them. The process must end by itself. */

import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Context, Effect, Layer } from "effect"
import { Exchange } from "../../src/index.ts"
import { manyBlocks } from "../manyBlocks.ts"

const node = Layer.build(
  Layer.fresh(
    Exchange.layer({
      listen: ["/ip4/127.0.0.1/tcp/0"],
      discovery: { local: true, routing: true, network: `${process.argv[2]}-stops` },
    }).pipe(
      Layer.provide(BlockStore.layerMemory),
      Layer.provide(BlockSpace.layerMemory({ quotaBytes: 1n << 20n })),
      Layer.orDie,
    ),
  ),
).pipe(Effect.map((context) => Context.get(context, Exchange)))

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const [a, b] = yield* Effect.all([node, node])
      yield* a.connect(`${b.addresses[0]}/p2p/${b.peerId}`)
      for (const { cid } of manyBlocks(3)) yield* a.announce(cid)
    }),
  ),
)
