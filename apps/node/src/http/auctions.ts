import { Api, type AuctionJson, type AuctionTerms, NotFound, type Unavailable } from "@pecia/api"
import type { AuctionReport } from "@pecia/auctions"
import { OpenRequestLimits } from "@pecia/contracts-abi"
import { slotsMax } from "@pecia/datasets"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { AuctionInteractions } from "../AuctionInteractions.ts"
import { NodeIdentity } from "../NodeIdentity.ts"
import {
  cidFrom,
  internal,
  layoutErrors,
  noOfferMarket,
  notClient,
  refuse,
  requestIdFrom,
  unavailable,
  unprocessable,
} from "./answers.ts"
import { openRequestJson } from "./json.ts"

/** Seconds. In less, no host can be found and start; for longer, no host can be expected to hold what it has offered. */
const shortestExpiry = 10n
const longestExpiry = 30n * 86_400n

/** What is wrong with terms that could never be met. */
const checked = Effect.fnUntraced(function* (terms: AuctionTerms) {
  const slots = terms.nodes ?? 3n
  const tolerance = terms.tolerance ?? (slots > 1n ? 1n : 0n)
  const { duration, expiry, proofProbability, maxPricePerBytePerSecond } = terms
  if (duration === 0n) return yield* refuse("Duration must be greater than zero")
  if (duration > OpenRequestLimits.duration)
    return yield* refuse(`Duration must be at most ${OpenRequestLimits.duration}`)
  if (expiry < shortestExpiry) return yield* refuse(`Expiry must be at least ${shortestExpiry} seconds`)
  if (expiry > longestExpiry) return yield* refuse(`Expiry must be at most ${longestExpiry} seconds, which is 30 days`)
  if (proofProbability === 0n) return yield* refuse("Proof probability must be greater than zero")
  if (maxPricePerBytePerSecond === 0n)
    return yield* refuse("Maximum price per byte per second must be greater than zero")
  // The contract counts the price of a whole slot; that is checked when the slots are known.
  if (maxPricePerBytePerSecond > OpenRequestLimits.maxPrice)
    return yield* refuse(`Maximum price per byte per second must be at most ${OpenRequestLimits.maxPrice}`)
  if (slots === 0n) return yield* refuse("Invalid parameters: `nodes` must be greater than zero")
  if (slots > slotsMax) return yield* refuse(`Invalid parameters: \`nodes\` cannot be greater than ${slotsMax}`)
  if (tolerance >= slots) return yield* refuse("Invalid parameters: `tolerance` must be less than `nodes`")
  if (slots - tolerance < tolerance)
    return yield* refuse("Invalid parameters: parameters must satisfy `(nodes - tolerance) ≥ tolerance`")
  return {
    slots: Number(slots),
    tolerance: Number(tolerance),
    durationSeconds: duration,
    expirySeconds: expiry,
    maxPricePerBytePerSecond,
    proofProbability,
  }
})

const auctionJson = (report: AuctionReport): AuctionJson => ({
  requestId: report.id,
  state: report.name,
  error: Option.getOrNull(report.error),
  dataset: report.dataset,
  slotIndex: report.slotIndex,
  offers: Option.getOrNull(report.offers),
  request: openRequestJson(report.request),
  selected: Option.match(report.selected, {
    onNone: () => null,
    onSome: ({ offerId, offer }) => ({ offerId, host: offer.host, price: offer.price }),
  }),
})

export const auctionsHandlers = HttpApiBuilder.group(
  Api,
  "auctions",
  Effect.fn(function* (handlers) {
    const { roles } = yield* NodeIdentity
    const interactions = yield* Effect.serviceOption(AuctionInteractions)

    const client: Effect.Effect<AuctionInteractions["Service"], Unavailable> = Option.match(interactions, {
      onNone: () => Effect.fail(roles.includes("client") ? noOfferMarket : notClient),
      onSome: Effect.succeed,
    })

    return handlers.handleAll({
      openAuctions: Effect.fn(function* ({ params, payload }) {
        const { open } = yield* client
        const cid = yield* cidFrom(params.cid)
        const terms = yield* checked(payload)
        const opened = yield* open(cid, terms).pipe(
          Effect.catchTags({
            ...layoutErrors(cid),
            SenselessAuction: (error) => Effect.fail(unprocessable(error)),
            InsufficientTokens: (error) => Effect.fail(unprocessable(error)),
            ChainError: (error) => Effect.fail(unavailable(error)),
            AuctionJournalError: internal,
          }),
        )
        return opened.map(({ id }) => id)
      }),

      auctions: Effect.fn(function* () {
        const { auctions } = yield* client
        return (yield* Effect.catch(auctions.reports, internal)).map(auctionJson)
      }),

      auction: Effect.fn(function* ({ params }) {
        const { auctions } = yield* client
        const id = yield* requestIdFrom(params.id)
        const found = yield* Effect.catch(auctions.report(id), internal)
        if (Option.isNone(found)) return yield* new NotFound({ message: `This client opened no auction ${id}.` })
        return auctionJson(found.value)
      }),
    })
  }),
)
