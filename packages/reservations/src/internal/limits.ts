import { Effect, Result } from "effect"
import type { Offer } from "../Availability.ts"
import type { ReservationsOptions } from "../Reservations.ts"
import { InvalidOffer } from "../ReservationsError.ts"

/** The largest number of bytes or seconds that a ledger can count: what SQLite's INTEGER holds. */
export const maxInteger = 2n ** 63n - 1n
/** The largest amount of tokens: a `uint256` of the contract. */
export const maxAmount = 2n ** 256n - 1n

const limits = [
  ["totalBytes", 1n, maxInteger],
  ["durationSeconds", 1n, maxInteger],
  ["minPricePerBytePerSecond", 0n, maxAmount],
  ["totalCollateral", 0n, maxAmount],
  ["untilSeconds", 0n, maxInteger],
] as const

/** Refuses terms that could not be kept as they are, rather than cut them to size. */
export const checkOffer = (offer: Offer): Result.Result<Offer, InvalidOffer> => {
  for (const [term, least, most] of limits) {
    if (offer[term] < least || offer[term] > most) {
      const detail = `${term} is ${offer[term]}; it has to be between ${least} and ${most}.`
      return Result.fail(new InvalidOffer({ detail }))
    }
  }
  return Result.succeed(offer)
}

/** A negative number of bytes is a mistake of the program, not of its user. */
export const checkBytes = (...counts: ReadonlyArray<bigint>): Effect.Effect<void> => {
  const negative = counts.find((bytes) => bytes < 0n)
  return negative === undefined ? Effect.void : Effect.die(new RangeError(`${negative} is no number of bytes`))
}

/** The quotas to keep, with the default filled in. */
export const quotas = (options: ReservationsOptions): Effect.Effect<Required<ReservationsOptions>> => {
  const { quotaBytes, metadataQuotaBytes = 2n ** 20n + quotaBytes / 64n } = options
  const within = [quotaBytes, metadataQuotaBytes].every((bytes) => bytes >= 0n && bytes <= maxInteger)
  if (!within) return Effect.die(new RangeError(`a quota has to be between 0 and ${maxInteger} bytes`))
  return Effect.succeed({ quotaBytes, metadataQuotaBytes })
}
