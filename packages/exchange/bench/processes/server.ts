/** Serves the same blocks over the exchange and over HTTP, until its input ends. Prints where; then, per line read, the CPU it used so far. */

import { createServer } from "node:http"
import { createInterface } from "node:readline"
import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Console, Effect, Layer, Stream } from "effect"
import { Exchange } from "../../src/index.ts"
import { manyBlocks } from "../../test/manyBlocks.ts"

const blocks = Array.from(manyBlocks(Number(process.argv[2])))

/** One block a request. Like the block store, it hands out a copy. */
const listenHttp = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((request, response) => {
      const block = blocks[Number(request.url?.slice(1))]
      response.writeHead(200, { "content-length": block?.bytes.length ?? 0 })
      response.end(block?.bytes.slice())
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = address !== null && typeof address === "object" ? address.port : 0
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close }))
    })
  }),
  ({ close }) => Effect.sync(close),
)

const serve = Effect.gen(function* () {
  const exchange = yield* Exchange
  const store = yield* BlockStore
  const space = yield* BlockSpace
  for (const block of blocks) {
    yield* space.hold("bench", BigInt(block.bytes.length))
    yield* store.put("bench", block)
  }
  const { url } = yield* listenHttp
  yield* Console.log(JSON.stringify({ url, address: `${exchange.addresses[0]}/p2p/${exchange.peerId}` }))
  yield* Stream.fromAsyncIterable(createInterface(process.stdin), (cause) => cause).pipe(
    Stream.runForEach(() => Console.log(JSON.stringify(process.cpuUsage()))),
  )
}).pipe(
  Effect.scoped,
  Effect.provide(
    Exchange.layer({ listen: ["/ip4/127.0.0.1/tcp/0"] }).pipe(
      Layer.provideMerge(BlockStore.layerMemory),
      Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
    ),
  ),
)

await Effect.runPromise(serve)
