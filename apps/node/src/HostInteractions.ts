import type { ChainClock } from "@pecia/clock"
import type { BlockStore, Datasets } from "@pecia/datasets"
import type { Market } from "@pecia/market"
import { Prover, Proving, SlotCheck } from "@pecia/proving"
import type { Reservations } from "@pecia/reservations"
import { HostPolicy, Sales } from "@pecia/sales"
import { Context, Effect, Layer } from "effect"
import * as HostedSlots from "./HostedSlots.ts"
import type { Retrieval } from "./Retrieval.ts"

/** What a host does on the market: sells space, proves what it stores, collects its pay. Runs as long as its scope. */
export class HostInteractions extends Context.Service<
  HostInteractions,
  { readonly sales: Sales["Service"]; readonly proving: Proving["Service"] }
>()("@pecia/node/HostInteractions") {
  static readonly layer: Layer.Layer<
    HostInteractions,
    never,
    Market | ChainClock | Reservations | BlockStore | Datasets | Retrieval
  > = Layer.effect(
    HostInteractions,
    Effect.gen(function* () {
      return HostInteractions.of({ sales: yield* Sales, proving: yield* Proving })
    }),
  ).pipe(
    Layer.provide([Sales.layer(), Proving.layer()]),
    Layer.provide([HostedSlots.layer, HostPolicy.layer]),
    Layer.provide(Prover.layer),
    Layer.provide(SlotCheck.layer()),
  )
}
