import type { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import type { Market } from "@pecia/market"
import { Context, Effect, Layer, type Stream } from "effect"
import { marketplace } from "./internal/marketplace.ts"
import { makeValidation } from "./internal/validationLoop.ts"
import type { MarkOutcome } from "./MarkOutcome.ts"
import type { ValidationOptions } from "./ValidationOptions.ts"
import type { ValidationStatus } from "./ValidationStatus.ts"

/**
 * Watches slots of other hosts and marks the proofs that they miss, as long as its scope is open.
 *
 * Law: of each slot that it watches, each proof that can be marked as missing is marked, once, within the time that the contract
 * gives; nothing is sent for what cannot be marked. Slots are taken from the chain, so it needs nothing after a restart. Those of this
 * account are left to others: marking them earns nothing. No failure ends it.
 */
export class Validation extends Context.Service<
  Validation,
  {
    readonly status: Effect.Effect<ValidationStatus>
    /** What happens from now on. A reader who is 1,024 outcomes behind loses the oldest. */
    readonly outcomes: Stream.Stream<MarkOutcome>
  }
>()("@pecia/validation/Validation") {
  static readonly layer = (options?: ValidationOptions<SlotId>): Layer.Layer<Validation, never, Market | ChainClock> =>
    Layer.effect(
      Validation,
      Effect.flatMap(marketplace, (market) => makeValidation(market, options ?? {})),
    )
}
