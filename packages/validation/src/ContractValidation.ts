import type { ChainClock } from "@pecia/clock"
import { OfferId } from "@pecia/contracts-abi"
import type { OfferMarket } from "@pecia/market"
import { Context, Effect, Layer, type Stream } from "effect"
import { contracts } from "./internal/contracts.ts"
import { makeValidation } from "./internal/validationLoop.ts"
import type { MarkOutcome } from "./MarkOutcome.ts"
import type { ValidationOptions } from "./ValidationOptions.ts"
import type { ValidationStatus } from "./ValidationStatus.ts"

/**
 * `Validation`, for the contracts of the offer market. Where a slot is named, it is by the id of the contract's offer
 * (`OfferId.slotId`); groups divide by the same number.
 *
 * Law: as of `Validation`.
 */
export class ContractValidation extends Context.Service<
  ContractValidation,
  {
    readonly status: Effect.Effect<ValidationStatus>
    /** What happens from now on. A reader who is 1,024 outcomes behind loses the oldest. */
    readonly outcomes: Stream.Stream<MarkOutcome>
  }
>()("@pecia/validation/ContractValidation") {
  static readonly layer = ({
    watch,
    ...options
  }: ValidationOptions<OfferId> = {}): Layer.Layer<ContractValidation, never, OfferMarket | ChainClock> =>
    Layer.effect(
      ContractValidation,
      Effect.flatMap(contracts, (market) =>
        makeValidation(market, {
          ...options,
          watch: Effect.isEffect(watch) ? Effect.map(watch, (ids) => ids.map(OfferId.slotId)) : (watch ?? "all"),
        }),
      ),
    )
}
