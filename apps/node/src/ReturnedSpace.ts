import type { SlotMarket } from "@pecia/reservations"
import { Context, Effect, Layer, PubSub, Stream } from "effect"

/**
 * Space that the sale of a slot on one market has given back: on the other market, what there was no space for may fit now.
 * Each market looks at its own requests again by itself.
 */
export class ReturnedSpace extends Context.Service<
  ReturnedSpace,
  {
    readonly tell: (market: SlotMarket) => Effect.Effect<void>
    /** Each time that this market has given some back. A slow listener hears of the latest only. */
    readonly from: (market: SlotMarket) => Stream.Stream<SlotMarket>
  }
>()("@pecia/node/ReturnedSpace") {
  static readonly layer: Layer.Layer<ReturnedSpace> = Layer.effect(
    ReturnedSpace,
    Effect.gen(function* () {
      const bells = {
        Marketplace: yield* PubSub.sliding<SlotMarket>(1),
        OfferMarket: yield* PubSub.sliding<SlotMarket>(1),
      }
      return ReturnedSpace.of({
        tell: (market) => Effect.asVoid(PubSub.publish(bells[market], market)),
        from: (market) => Stream.fromPubSub(bells[market]),
      })
    }),
  )
}
