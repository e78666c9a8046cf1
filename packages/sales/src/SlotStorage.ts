import type { SlotId, StorageRequest } from "@pecia/contracts-abi"
import { Context, type Effect, Schema } from "effect"

/** The slot's data cannot be had or is not what the request says. */
export class SlotUnavailable extends Schema.TaggedError<SlotUnavailable>()("SlotUnavailable", {
  detail: Schema.String,
  /** Whether trying again may help: false when the data contradicts the request. */
  isRetryable: Schema.Boolean,
}) {
  override get message() {
    return this.detail
  }
}

/** What a sale needs of the node's data plane; the node wires it to datasets, exchange and proving. */
export class SlotStorage extends Context.Service<
  SlotStorage,
  {
    /** Fetches the slot's data into the space that is held for it and compares it with the request's root. Goes on where it left off. */
    readonly store: (request: StorageRequest, slotIndex: bigint) => Effect.Effect<void, SlotUnavailable>
    /** Makes the proof that goes with the filling. */
    readonly prove: (
      request: StorageRequest,
      slotIndex: bigint,
      challenge: string,
    ) => Effect.Effect<Uint8Array, SlotUnavailable>
    /** Removes the slot's data and gives its space back. Nothing there: nothing happens. */
    readonly clear: (slotId: SlotId) => Effect.Effect<void, SlotUnavailable>
  }
>()("@pecia/sales/SlotStorage") {}
