import { OfferMarket } from "@pecia/market"
import { ContractValidation, type MarkOutcome, Validation } from "@pecia/validation"
import { Effect, Layer, Option, Stream } from "effect"

const tell = (place: string) => (outcome: MarkOutcome) => {
  const { slotId, period } = outcome
  switch (outcome._tag) {
    case "Marked":
      return Effect.logInfo(`The proof of slot ${slotId} of the ${place} for period ${period} was marked as missing.`)
    case "AlreadyMarked":
      return Effect.void
    case "Failed":
      return Effect.logWarning(
        `Slot ${slotId} of the ${place} was not looked at in period ${period}. ${outcome.detail}`,
      )
    case "TooLate":
      return Effect.logWarning(`Slot ${slotId} of the ${place} was not looked at in time for period ${period}.`)
  }
}

const layerMarketplace = Layer.effectDiscard(
  Effect.gen(function* () {
    const { outcomes } = yield* Validation
    yield* Effect.forkScoped(Stream.runForEach(outcomes, tell("marketplace")), { startImmediately: true })
  }),
).pipe(Layer.provide(Validation.layer()))

const layerOffers = Layer.effectDiscard(
  Effect.gen(function* () {
    const { outcomes } = yield* ContractValidation
    yield* Effect.forkScoped(Stream.runForEach(outcomes, tell("offer market")), { startImmediately: true })
  }),
).pipe(Layer.provide(ContractValidation.layer()))

/** Marks proofs that hosts of others owe, on both markets, or the one that there is. A deployment does not say when it was made: reads from block 0. */
export const layer = Layer.unwrap(
  Effect.map(Effect.serviceOption(OfferMarket), (market) =>
    Layer.merge(
      layerMarketplace,
      Option.match(market, {
        onNone: () => Layer.empty,
        onSome: (market) => Layer.provide(layerOffers, Layer.succeed(OfferMarket, market)),
      }),
    ),
  ),
)
