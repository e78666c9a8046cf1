import type { RequestId, StorageRequest } from "@pecia/contracts-abi"
import { Effect, Option, Stream, SubscriptionRef } from "effect"
import type { PurchaseRecord } from "./PurchaseJournal.ts"
import { purchaseError, purchaseName } from "./PurchaseName.ts"
import type { PurchaseOutcome } from "./PurchaseOutcome.ts"
import { PurchaseState } from "./PurchaseState.ts"
import { PurchaseEnded } from "./PurchasingError.ts"

/** One request that is followed until it has ended and what no host earned is back. */
export interface Purchase {
  readonly id: RequestId
  readonly request: StorageRequest
  readonly state: Effect.Effect<PurchaseState>
  /** The state, then each one after it; ends with the end of the purchase. A slow reader gets the latest only. */
  readonly states: Stream.Stream<PurchaseState>
  /** What went wrong, as a sentence. None: nothing has so far. */
  readonly error: Effect.Effect<Option.Option<string>>
  /** Waits until all slots are filled; fails as soon as the request is cancelled or has failed, before the refund. */
  readonly awaitStarted: Effect.Effect<void, PurchaseEnded>
  /** Waits for the end, refund included. */
  readonly awaitEnd: Effect.Effect<PurchaseOutcome>
}

const isEnded = PurchaseState.$is("Ended")

/** There is nothing to wait for: all slots were filled, or the request is over. */
const isDecided = ({ _tag }: PurchaseState) => _tag === "Started" || _tag === "Refunding" || _tag === "Ended"

export const Purchase = {
  /** The purchase whose state is kept in `current`. */
  of: (
    { id, request }: Pick<PurchaseRecord, "id" | "request">,
    current: SubscriptionRef.SubscriptionRef<PurchaseState>,
  ): Purchase => {
    const state = SubscriptionRef.get(current)
    const states = SubscriptionRef.changes(current).pipe(Stream.takeUntil(isEnded))

    const awaitStarted = Effect.gen(function* () {
      const found = Option.getOrThrow(yield* Stream.runHead(Stream.filter(states, isDecided)))
      const wrong = purchaseError(found)
      if (Option.isNone(wrong)) return
      return yield* new PurchaseEnded({ requestId: id, name: purchaseName(found), detail: wrong.value })
    })

    const awaitEnd = Effect.map(
      Stream.runHead(Stream.filter(states, isEnded)),
      (found) => Option.getOrThrow(found).outcome,
    )

    return { id, request, state, states, error: Effect.map(state, purchaseError), awaitStarted, awaitEnd }
  },
} as const
