import { ChainClock } from "@pecia/clock"
import { BlockSpace, BlockStore, Datasets } from "@pecia/datasets"
import { MemoryMarket } from "@pecia/market"
import { ProofScheme, Prover, Proving, SlotCheck, SlotRoots } from "@pecia/proving"
import { Console, Effect, Layer, Stream } from "effect"

const Data = Layer.provideMerge(Datasets.layer, BlockStore.layerMemory).pipe(
  Layer.provide(BlockSpace.layerMemory({ quotaBytes: 1_048_576n })),
)
const Host = Proving.layer().pipe(
  Layer.provide(Prover.layer),
  Layer.provide(SlotCheck.layer()),
  Layer.provide([MemoryMarket.layerTest(), ChainClock.layerSystem]),
)

export const program = Effect.gen(function* () {
  // a client: what goes into a request for 3 slots
  const { cid } = yield* (yield* Datasets).upload(Stream.make(new Uint8Array(300_000)))
  const { slotSizeBytes, datasetRoot } = yield* SlotRoots.compute(cid, 3)
  const por = yield* Effect.fromResult(ProofScheme.encode({ root: datasetRoot, samples: 5 }))
  yield* Console.log(`slots of ${slotSizeBytes} bytes, a root of ${por.u.length} bytes`)
  // a host: the proofs of the slots that it has filled are sent as long as the layer stands
  yield* Console.log(`${(yield* (yield* Proving).status).length} slots to prove`)
}).pipe(Effect.provide(Layer.provideMerge(Host, Data)))
