import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Context, Effect, Layer } from "effect"
import { Exchange, MemoryNetwork } from "../src/index.ts"
import { ExchangeTest } from "../src/testing/index.ts"

const stores = BlockStore.layerMemory.pipe(Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 30n })))

/** A node of its own: nothing is shared with others that were made from the same layer. */
const build = <E, R>(exchange: Layer.Layer<Exchange, E, R | BlockStore>) =>
  Layer.build(Layer.fresh(exchange.pipe(Layer.provideMerge(stores)))).pipe(
    Effect.map(
      (context): ExchangeTest.BedNode => ({
        exchange: Context.get(context, Exchange),
        store: Context.get(context, BlockStore),
        space: Context.get(context, BlockSpace),
      }),
    ),
  )

export const listen = ["/ip4/127.0.0.1/tcp/0"]

/** A node on the loopback interface. */
export const libp2pNode = (options: Partial<Parameters<typeof Exchange.layer>[0]> = {}) =>
  build(Exchange.layer({ listen, ...options }))

export const memoryBed = Layer.effect(
  ExchangeTest.ExchangeBed,
  Effect.gen(function* () {
    const network = yield* MemoryNetwork
    return { node: build(Exchange.layerMemory).pipe(Effect.provideService(MemoryNetwork, network)) }
  }),
).pipe(Layer.provide(MemoryNetwork.layer))

export const libp2pBed = Layer.succeed(ExchangeTest.ExchangeBed, {
  node: libp2pNode({ discovery: { routing: true } }),
})
