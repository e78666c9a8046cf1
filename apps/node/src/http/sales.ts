import { Api, NotFound, type SaleState, Unavailable } from "@pecia/api"
import { Market } from "@pecia/market"
import { AvailabilityId, Reservations, type Reservation } from "@pecia/reservations"
import { Effect, Option, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { HostInteractions } from "../HostInteractions.ts"
import { badRequest, internal, notFound, slotIdFrom, unprocessable } from "./answers.ts"
import { availabilityJson, requestJson } from "./json.ts"

const reservationJson = (one: Reservation) => ({
  id: one.slotId,
  availabilityId: one.availabilityId,
  size: one.sizeBytes,
  requestId: one.requestId,
  slotIndex: one.slotIndex,
  validUntil: one.endSeconds,
})

const availabilityIdFrom = (text: string) =>
  Effect.mapError(Schema.decodeUnknownEffect(AvailabilityId)(text.toLowerCase()), () =>
    badRequest({ message: `${text.slice(0, 80)} is not the id of an availability: it takes 0x and 64 hex digits.` }),
  )

export const salesHandlers = HttpApiBuilder.group(
  Api,
  "sales",
  Effect.fn(function* (handlers) {
    const interactions = yield* Effect.serviceOption(HostInteractions)
    const market = yield* Effect.serviceOption(Market)
    const ledger = yield* Reservations

    const host = Effect.gen(function* () {
      if (Option.isNone(interactions) || Option.isNone(market))
        return yield* new Unavailable({ message: "This node is not a host; start it with --roles host." })
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
        if (Option.isNone(found)) return yield* new NotFound({ message: `Provider not filling slot: ${id} is not a slot of this host.` })
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
        const made = yield* ledger
          .offer({
            totalBytes: payload.totalSize,
            durationSeconds: payload.duration,
            minPricePerBytePerSecond: payload.minPricePerBytePerSecond,
            totalCollateral: payload.totalCollateral,
            enabled: payload.enabled ?? true,
            untilSeconds: payload.until ?? 0n,
          })
          .pipe(
            Effect.catchTags({
              OverQuota: (error) => Effect.fail(unprocessable({ message: `Not enough storage quota: ${error.message}` })),
              InvalidOffer: (error) => Effect.fail(unprocessable(error)),
              ReservationsError: internal,
            }),
          )
        yield* sales.reconsider
        return availabilityJson(made)
      }),

      reservations: Effect.fn(function* ({ params }) {
        yield* host
        const id = yield* availabilityIdFrom(params.id)
        yield* Effect.catchTags(ledger.availability(id), {
          UnknownAvailability: (error) => Effect.fail(notFound({ message: `Availability not found: ${error.message}` })),
          ReservationsError: internal,
        })
        const all = yield* Effect.catch(ledger.reservations, internal)
        return all.filter(({ availabilityId }) => availabilityId === id).map(reservationJson)
      }),
    })
  }),
)
