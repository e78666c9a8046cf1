import type { OpenRequest, RequestId } from "@pecia/contracts-abi"
import { Context, type Effect, Schema } from "effect"

/** The data of a request cannot be had or is not what the request says. */
export class DataUnavailable extends Schema.TaggedError<DataUnavailable>()("DataUnavailable", {
  detail: Schema.String,
  /** Whether trying again may help: false when the data contradicts the request. */
  isRetryable: Schema.Boolean,
}) {
  override get message() {
    return this.detail
  }
}

/** What a bid needs of the node's data plane; the node wires it to datasets, exchange and proving. */
export class BidStorage extends Context.Service<
  BidStorage,
  {
    /** Fetches the data of a request into the space that is held for it and compares it with the request's hash. Goes on where it left off. */
    readonly store: (requestId: RequestId, request: OpenRequest) => Effect.Effect<void, DataUnavailable>
    /** Removes the data and gives its space back. Nothing there: nothing happens. */
    readonly clear: (requestId: RequestId) => Effect.Effect<void, DataUnavailable>
  }
>()("@pecia/bidding/BidStorage") {}
