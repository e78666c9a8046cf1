import type { ChainClock } from "@pecia/clock"
import type { BlockStore, Slots } from "@pecia/datasets"
import type { Exchange } from "@pecia/exchange"
import type { Market } from "@pecia/market"
import { Proving } from "@pecia/proving"
import type { Reservations } from "@pecia/reservations"
import { HostPolicy, Sales } from "@pecia/sales"
import { Context, Effect, Layer, Stream } from "effect"
import * as HostedSlots from "./HostedSlots.ts"
import type { LongSteps } from "./LongSteps.ts"
import type { Retrieval } from "./Retrieval.ts"
import { ReturnedSpace } from "./ReturnedSpace.ts"
import * as SlotProofs from "./SlotProofs.ts"

/** What a host does on the market: sells space, proves what it stores, collects its pay. Runs as long as its scope. */
export class HostInteractions extends Context.Service<
  HostInteractions,
  { readonly sales: Sales["Service"]; readonly proving: Proving["Service"] }
>()("@pecia/node/HostInteractions") {
  static readonly layer: Layer.Layer<
    HostInteractions,
    never,
    Market | ChainClock | Reservations | BlockStore | Slots | Exchange | LongSteps | Retrieval
  > = Layer.effect(
    HostInteractions,
    Effect.gen(function* () {
      const sales = yield* Sales
      const returned = yield* ReturnedSpace
      const fromBids = Stream.runForEach(returned.from("OfferMarket"), () => sales.reconsider)
      yield* Effect.forkScoped(fromBids, { startImmediately: true })
      return HostInteractions.of({ sales, proving: yield* Proving })
    }),
  ).pipe(
    Layer.provide([Sales.layer(), Proving.layer()]),
    Layer.provide([HostedSlots.layer, HostPolicy.layer]),
    Layer.provide([SlotProofs.layer, ReturnedSpace.layer]),
  )
}
