import { Api, NotFound, type OfferJson, type SaleState, Unavailable } from "@pecia/api"
import { Market } from "@pecia/market"
import { AvailabilityId, Offer, Reservations } from "@pecia/reservations"
import { Effect, Option, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { BidInteractions } from "../BidInteractions.ts"
import { HostInteractions } from "../HostInteractions.ts"
import { badRequest, internal, notFound, notHost, overQuota, refuse, slotIdFrom } from "./answers.ts"
import { availabilityJson, requestJson, reservationJson } from "./json.ts"

const availabilityIdFrom = (text: string) =>
  Effect.mapError(Schema.decodeUnknownEffect(AvailabilityId)(`0x${text.toLowerCase().replace(/^0x/, "")}`), () =>
    badRequest({ message: `${text.slice(0, 80)} is not the id of an availability: it takes 64 hex digits.` }),
  )

/** More than any database counts. */
const largest = 2n ** 63n - 1n

/** What is wrong with an offer that could never be taken, in the words that clients of this interface know. */
const checked = Effect.fnUntraced(function* (offer: OfferJson) {
  if (offer.totalSize === 0n) return yield* refuse("Total size must be larger then zero")
  for (const name of ["duration", "minPricePerBytePerSecond", "totalCollateral"] as const)
    if (offer[name] === 0n) return yield* refuse(`${name} must be larger then zero`)
  for (const name of ["totalSize", "duration", "until"] as const)
    if ((offer[name] ?? 0n) > largest) return yield* refuse(`${name} must be at most ${largest}`)
  return new Offer({
    totalBytes: offer.totalSize,
    durationSeconds: offer.duration,
    minPricePerBytePerSecond: offer.minPricePerBytePerSecond,
    totalCollateral: offer.totalCollateral,
    enabled: offer.enabled ?? true,
    untilSeconds: offer.until ?? 0n,
  })
})

export const salesHandlers = HttpApiBuilder.group(
  Api,
  "sales",
  Effect.fn(function* (handlers) {
    const interactions = yield* Effect.serviceOption(HostInteractions)
    const bids = yield* Effect.serviceOption(BidInteractions)
    const market = yield* Effect.serviceOption(Market)
    const ledger = yield* Reservations

    const host = Effect.gen(function* () {
      if (Option.isNone(interactions) || Option.isNone(market)) return yield* notHost
      const config = yield* Effect.mapError(market.value.config, ({ message }) => new Unavailable({ message }))
      return { sales: interactions.value.sales, config }
    })

    return handlers.handleAll({
      slots: Effect.fn(function* () {
        const { sales, config } = yield* host
        const all = yield* Effect.catch(sales.slots, internal)
        return all.map(({ slot }) => ({
          id: slot.slotId,
          request: requestJson(slot.request, config),
          slotIndex: slot.slotIndex,
        }))
      }),

      slot: Effect.fn(function* ({ params }) {
        const { sales, config } = yield* host
        const id = yield* slotIdFrom(params.id)
        const found = yield* Effect.catch(sales.slot(id), internal)
        if (Option.isNone(found))
          return yield* new NotFound({ message: `Provider not filling slot: ${id} is not a slot of this host.` })
        const { slot, name, reservation } = found.value
        const state: SaleState = name
        return {
          state,
          requestId: slot.requestId,
          slotIndex: slot.slotIndex,
          request: requestJson(slot.request, config),
          ...(Option.isSome(reservation) ? { reservation: reservationJson(reservation.value) } : {}),
        }
      }),

      availabilities: Effect.fn(function* () {
        yield* host
        return (yield* Effect.catch(ledger.availabilities, internal)).map(availabilityJson)
      }),

      createAvailability: Effect.fn(function* ({ payload }) {
        const { sales } = yield* host
        const made = yield* ledger.offer(yield* checked(payload)).pipe(
          Effect.catchTags({
            OverQuota: (error) => Effect.fail(overQuota(error)),
            InvalidOffer: ({ message }) => refuse(message),
            ReservationsError: internal,
          }),
        )
        yield* sales.reconsider
        if (Option.isSome(bids)) yield* bids.value.bidding.reconsider
        return availabilityJson(made)
      }),

      reservations: Effect.fn(function* ({ params }) {
        yield* host
        const id = yield* availabilityIdFrom(params.id)
        yield* Effect.catchTags(ledger.availability(id), {
          UnknownAvailability: (error) =>
            Effect.fail(notFound({ message: `Availability not found: ${error.message}` })),
          ReservationsError: internal,
        })
        const all = yield* Effect.catch(ledger.reservations, internal)
        return all.filter(({ availabilityId }) => availabilityId === id).map(reservationJson)
      }),
    })
  }),
)
