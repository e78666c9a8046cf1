import type { ChainClock } from "@pecia/clock"
import { backoff, isRetryable, reasonOf } from "@pecia/machine"
import { OfferMarket } from "@pecia/market"
import { Effect, Equal, Option } from "effect"
import type { AuctionRecord } from "../AuctionJournal.ts"
import { AuctionMachine } from "../AuctionMachine.ts"
import { AuctionFact, AuctionState } from "../AuctionState.ts"
import { look } from "./look.ts"

/** Seconds: a reorganisation undoes nothing that is older. */
export const finality = 86_400n

/** Whether a refund was undone the contract does not tell, so it is asked for again. */
const isPaidBack = Effect.fnUntraced(function* ({ id }: AuctionRecord) {
  const market = yield* OfferMarket
  return yield* market.withdrawFunds(id).pipe(
    Effect.as(false),
    Effect.catchTags({
      InvalidState: () => Effect.succeed(true),
      RequestNotTimedOut: () => Effect.succeed(false),
      UnknownRequest: () => Effect.succeed(false),
    }),
  )
})

/**
 * How to go on with an auction that the journal has as ended. None: there is nothing to be done. Otherwise a reorganisation has undone its
 * end or its refund, or its request arrived after it had been given up.
 */
const reopened = Effect.fnUntraced(function* (record: AuctionRecord) {
  const standing = yield* look(record)
  if (standing._tag === "Unknown") return Option.none()
  const state = AuctionMachine.decide(AuctionState.Pending(), AuctionFact.ChainSays({ standing }))
  const end = state._tag === "Refunding" ? AuctionState.Ended({ outcome: state.end }) : state
  const isSettled = Equal.equals(end, record.state) && (end === state || (yield* isPaidBack(record)))
  return isSettled ? Option.none() : Option.some({ ...record, state })
})

/** The same, however long the chain does not answer. One that cannot be read is left alone. */
export const adoptable = (
  record: AuctionRecord,
): Effect.Effect<Option.Option<AuctionRecord>, never, OfferMarket | ChainClock> =>
  reopened(record).pipe(
    Effect.tapError((error) => Effect.logWarning(`Auction ${record.id} could not be taken up: ${reasonOf(error)}`)),
    Effect.retry({ schedule: backoff, while: isRetryable }),
    Effect.orElseSucceed(() => Option.none()),
  )
