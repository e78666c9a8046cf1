import { Context, Effect, Layer, Schema } from "effect"
import type { SaleSlot } from "./SaleSlot.ts"

/** A slot that could be taken, and what the host has of its request already. */
export interface SlotOffer extends SaleSlot {
  /** Slots of the same request that this host stores or is about to. */
  readonly alreadyHeld: number
}

/** The host does not want the slot. */
export class PolicyRefusal extends Schema.TaggedError<PolicyRefusal>()("PolicyRefusal", {
  /** A sentence for the host's operator. */
  reason: Schema.String,
}) {
  override get message() {
    return this.reason
  }
}

/** Which slots a host wants, of those that make sense. Whether they fit its space and its prices, the reservations say. */
export class HostPolicy extends Context.Service<
  HostPolicy,
  {
    readonly consider: (offer: SlotOffer) => Effect.Effect<void, PolicyRefusal>
  }
>()("@pecia/sales/HostPolicy") {
  /** Takes all that fits. */
  static readonly layer: Layer.Layer<HostPolicy> = Layer.succeed(HostPolicy, { consider: () => Effect.void })

  /** Leaves the other slots of a request to other hosts, as a client that spreads its data would like. */
  static readonly layerOneSlotPerRequest: Layer.Layer<HostPolicy> = Layer.succeed(HostPolicy, {
    consider: ({ alreadyHeld }) =>
      alreadyHeld === 0
        ? Effect.void
        : Effect.fail(new PolicyRefusal({ reason: "This host takes only one slot of a request." })),
  })
}
