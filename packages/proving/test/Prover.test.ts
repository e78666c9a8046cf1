import { BlockStore, type Datasets, type Slots } from "@pecia/datasets"
import { Context, Effect, Layer } from "effect"
import { Prover, SlotCheck } from "../src/index.ts"
import { ProverBed, ProverTest } from "../src/testing/index.ts"
import { storedOpenRequests } from "./storedOpenRequests.ts"
import { storedRequest } from "./storedRequest.ts"
import { fileStore, lyingStore, StoredBytes, withDatasets } from "./stores.ts"

/** With parity from three slots on. */
const shapeOf = (slots: number) => {
  const parity = Math.floor(slots / 3)
  return { data: slots - parity, parity }
}

const bed = Layer.effect(
  ProverBed,
  Effect.gen(function* () {
    const here = yield* Effect.context<Datasets | Slots | BlockStore>()
    const store = Context.get(here, BlockStore)
    const { alter } = yield* StoredBytes
    return ProverBed.of({
      store: (bytes, slots, samples) =>
        storedRequest(bytes, shapeOf(slots), samples).pipe(Effect.provideContext(here), Effect.orDie),
      storeOpen: (bytes, slots) =>
        storedOpenRequests(bytes, shapeOf(slots)).pipe(Effect.provideContext(here), Effect.orDie),
      alter,
      lose: store.volumes.pipe(
        Effect.flatMap((volumes) => Effect.forEach(volumes, ({ volume }) => store.drop(volume), { discard: true })),
        Effect.orDie,
      ),
    })
  }),
)

const over = <E>(store: Parameters<typeof withDatasets<E>>[0]) =>
  Layer.merge(Prover.layer, bed).pipe(Layer.provide(SlotCheck.layer()), Layer.provide(withDatasets(store)))

ProverTest.suite("Prover on files", over(fileStore))
ProverTest.suite("Prover on a store that answers with altered bytes", over(lyingStore))
