import { Bidding, OfferingStrategy } from "@pecia/bidding"
import type { ChainClock } from "@pecia/clock"
import type { BlockStore, Slots } from "@pecia/datasets"
import type { Exchange } from "@pecia/exchange"
import type { OfferMarket } from "@pecia/market"
import { ContractProving, HeldContracts } from "@pecia/proving"
import type { Reservations } from "@pecia/reservations"
import { Context, Effect, Layer, Stream } from "effect"
import * as HostedContracts from "./HostedContracts.ts"
import type { LongSteps } from "./LongSteps.ts"
import type { NodeConfig } from "./NodeConfig.ts"
import type { Retrieval } from "./Retrieval.ts"
import { ReturnedSpace } from "./ReturnedSpace.ts"
import * as SlotProofs from "./SlotProofs.ts"

/** The contracts that have to be proven are those that came of bids. */
const layerHeldContracts = Layer.effect(
  HeldContracts,
  Effect.map(Bidding, ({ contracts }) => HeldContracts.of({ contracts })),
)

/** What a host does on the offer market: bids on open requests, keeps and proves what was selected, collects its pay. Runs as long as its scope. */
export class BidInteractions extends Context.Service<
  BidInteractions,
  { readonly bidding: Bidding["Service"]; readonly proving: ContractProving["Service"] }
>()("@pecia/node/BidInteractions") {
  static readonly layer = ({
    marginPercent,
  }: Pick<NodeConfig, "marginPercent">): Layer.Layer<
    BidInteractions,
    never,
    OfferMarket | ChainClock | Reservations | BlockStore | Slots | Exchange | LongSteps | Retrieval
  > =>
    Layer.effect(
      BidInteractions,
      Effect.gen(function* () {
        const bidding = yield* Bidding
        const returned = yield* ReturnedSpace
        const fromSales = Stream.runForEach(returned.from("Marketplace"), () => bidding.reconsider)
        yield* Effect.forkScoped(fromSales, { startImmediately: true })
        return BidInteractions.of({ bidding, proving: yield* ContractProving })
      }),
    ).pipe(
      Layer.provide(ContractProving.layer()),
      Layer.provide(layerHeldContracts),
      Layer.provide(Bidding.layer()),
      Layer.provide([HostedContracts.layer, OfferingStrategy.layerCostPlusMargin({ marginPercent })]),
      Layer.provide([SlotProofs.layer, ReturnedSpace.layer]),
    )
}
