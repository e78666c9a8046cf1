import type { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { BigInt as BigInts, Context, Effect, Layer, Schema } from "effect"

/** An open request that this host has room for. */
export interface Opportunity {
  readonly requestId: RequestId
  readonly request: OpenRequest
  /** Token base units: the least price of the space that would be used, for the whole size and duration. */
  readonly cost: bigint
}

/** The host does not want to offer. */
export class OfferDeclined extends Schema.TaggedError<OfferDeclined>()("OfferDeclined", {
  /** A sentence for the host's operator. */
  reason: Schema.String,
}) {
  override get message() {
    return this.reason
  }
}

/** For how much a host offers, if at all. To offer by other rules, provide another Layer. */
export class OfferingStrategy extends Context.Service<
  OfferingStrategy,
  {
    /** The price of the offer in token base units, for the whole duration; more than the request's `maxPrice` is refused by the chain. */
    readonly price: (opportunity: Opportunity) => Effect.Effect<bigint, OfferDeclined>
  }
>()("@pecia/bidding/OfferingStrategy") {
  /**
   * Cost plus a margin in percent (default 10), rounded up, or `maxPrice` where that is less. Declines what does not pay the cost.
   */
  static readonly layerCostPlusMargin = (options?: {
    readonly marginPercent?: bigint
  }): Layer.Layer<OfferingStrategy> =>
    Layer.succeed(OfferingStrategy, {
      price: ({ cost, request: { maxPrice } }) => {
        if (maxPrice < cost)
          return Effect.fail(
            new OfferDeclined({ reason: `The client pays at most ${maxPrice} tokens; that much space costs ${cost}.` }),
          )
        const margin = options?.marginPercent ?? 10n
        return Effect.succeed(BigInts.min(maxPrice, (cost * (100n + margin) + 99n) / 100n))
      },
    })
}
