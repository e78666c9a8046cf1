import { type OfferId, Periodicity } from "@pecia/contracts-abi"
import { MemoryChain, type OfferMarket } from "@pecia/market"
import { Effect } from "effect"
import { pass, passUntil } from "./bed.ts"

type Market = OfferMarket["Service"]

/** Lets periods pass and marks the proofs that are missing, until `isEnough`. */
const missProofs = <E>(marker: Market, offerId: OfferId, isEnough: Effect.Effect<boolean, E>) =>
  Effect.gen(function* () {
    const chain = yield* MemoryChain
    const { proofs } = yield* marker.config
    const periods = { seconds: proofs.period }
    while (!(yield* isEnough)) {
      const period = Periodicity.periodOf(periods, yield* chain.now)
      yield* passUntil(Periodicity.periodEnd(periods, period) + 1n)
      yield* Effect.ignore(marker.markProofAsMissing(offerId, period))
    }
    yield* pass(0n)
  })

/** The host misses proofs until the contract fails. */
export const failContract = (marker: Market, offerId: OfferId) =>
  missProofs(
    marker,
    offerId,
    Effect.map(marker.contractState(offerId), (state) => state === "Failed"),
  )

/** The host misses proofs until it was slashed once. */
export const slash = (marker: Market, host: Market, offerId: OfferId) =>
  Effect.flatMap(host.collateral(host.account), (before) =>
    missProofs(
      marker,
      offerId,
      Effect.map(host.collateral(host.account), (now) => now < before),
    ),
  )
