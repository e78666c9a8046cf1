import { ChainClock } from "@pecia/clock"
import { BlockSpace, BlockStore, Datasets, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { MemoryMarket } from "@pecia/market"
import { ProofScheme, Prover, Proving, SlotCheck } from "@pecia/proving"
import { BlockRoots, DatasetTree } from "@pecia/trees"
import { Console, Effect, Layer, Stream } from "effect"

const Data = Layer.provideMerge(Slots.layer, Datasets.layer).pipe(
  Layer.provide([ErasureCode.layer, BlockRoots.layer]),
  Layer.provideMerge(BlockStore.layerMemory),
  Layer.provide(BlockSpace.layerMemory({ quotaBytes: 1_048_576n })),
)
const Host = Proving.layer().pipe(
  Layer.provide(Prover.layer),
  Layer.provide(SlotCheck.layer()),
  Layer.provide([MemoryMarket.layerTest(), ChainClock.layerSystem]),
)

export const program = Effect.gen(function* () {
  // a client: what goes into a request for 3 slots, of which any 2 give the data back
  const { cid } = yield* (yield* Datasets).upload(Stream.make(new Uint8Array(300_000)))
  const { manifest } = yield* (yield* Slots).lay(cid, { data: 2, parity: 1 })
  const { root } = DatasetTree.fromSlotRoots(manifest.slots.map((slot) => slot.root))
  const por = yield* Effect.fromResult(ProofScheme.encode({ root, samples: 5 }))
  yield* Console.log(`slots of ${manifest.slotSizeBytes} bytes, a root of ${por.u.length} bytes`)
  // a host: the proofs of the slots that it has filled are sent as long as the layer stands
  yield* Console.log(`${(yield* (yield* Proving).status).length} slots to prove`)
}).pipe(Effect.provide(Layer.provideMerge(Host, Data)))
