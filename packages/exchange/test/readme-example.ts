import { Block, BlockSpace, BlockStore } from "@pecia/datasets"
import { Exchange } from "@pecia/exchange"
import { Console, Context, Effect, Layer, Stream } from "effect"

const stores = BlockStore.layerMemory.pipe(Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1_048_576n })))
const node = Exchange.layer({ listen: ["/ip4/127.0.0.1/tcp/0"] }).pipe(
  Layer.provideMerge(stores),
  Layer.fresh,
  Layer.build,
)

export const program = Effect.gen(function* () {
  const [here, there] = yield* Effect.all([node, node])
  const block = yield* Effect.fromResult(Block.data(new TextEncoder().encode("a page")))
  yield* Context.get(there, BlockSpace).hold("shelf", BigInt(block.bytes.length))
  yield* Context.get(there, BlockStore).put("shelf", block)

  const { addresses, peerId } = Context.get(there, Exchange)
  yield* Context.get(here, Exchange).connect(`${addresses[0]}/p2p/${peerId}`)
  const fetched = Context.get(here, Exchange).fetch([block.cid])
  yield* Stream.runForEach(fetched, ({ bytes }) => Console.log(new TextDecoder().decode(bytes)))
})
