import { Api, NotFound, type PurchaseTerms } from "@pecia/api"
import { RequestLimits } from "@pecia/contracts-abi"
import { slotsMax } from "@pecia/datasets"
import { Market } from "@pecia/market"
import { purchaseError, purchaseName } from "@pecia/purchasing"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ClientInteractions } from "../ClientInteractions.ts"
import {
  cidFrom,
  internal,
  layoutErrors,
  notClient,
  refuse,
  requestIdFrom,
  unavailable,
  unprocessable,
} from "./answers.ts"
import { requestJson } from "./json.ts"

/** What is wrong with terms that could never be met, in the words that clients of this interface know. */
const checked = Effect.fnUntraced(function* (terms: PurchaseTerms) {
  const slots = terms.nodes ?? 3n
  const tolerance = terms.tolerance ?? 1n
  const { duration, expiry } = terms
  if (duration === 0n) return yield* refuse("Duration must be greater than zero")
  if (duration > RequestLimits.duration) return yield* refuse(`Duration must be at most ${RequestLimits.duration}`)
  if (expiry === 0n || expiry >= duration)
    return yield* refuse("Expiry must be greater than zero and less than the request's duration")
  if (terms.proofProbability === 0n) return yield* refuse("Proof probability must be greater than zero")
  if (terms.collateralPerByte === 0n) return yield* refuse("Collateral per byte must be greater than zero")
  if (terms.pricePerBytePerSecond === 0n) return yield* refuse("Price per byte per second must be greater than zero")
  // The contract counts the reward of a whole slot; that is checked when the slots are known.
  if (terms.pricePerBytePerSecond > RequestLimits.reward)
    return yield* refuse(`Price per byte per second must be at most ${RequestLimits.reward}`)
  if (tolerance > slots) return yield* refuse("Invalid parameters: `tolerance` cannot be greater than `nodes`")
  if (slots - tolerance <= 1n || slots - tolerance < tolerance)
    return yield* refuse("Invalid parameters: parameters must satify `1 < (nodes - tolerance) ≥ tolerance`")
  if (slots > slotsMax) return yield* refuse(`Invalid parameters: \`nodes\` cannot be greater than ${slotsMax}`)
  return {
    slots: Number(slots),
    tolerance: Number(tolerance),
    durationSeconds: duration,
    expirySeconds: expiry,
    pricePerBytePerSecond: terms.pricePerBytePerSecond,
    proofProbability: terms.proofProbability,
  }
})

export const storageHandlers = HttpApiBuilder.group(
  Api,
  "storage",
  Effect.fn(function* (handlers) {
    const interactions = yield* Effect.serviceOption(ClientInteractions)
    const market = yield* Effect.serviceOption(Market)

    const client = Effect.gen(function* () {
      if (Option.isNone(interactions) || Option.isNone(market)) return yield* notClient
      const config = yield* Effect.mapError(market.value.config, unavailable)
      return { ...interactions.value, config }
    })

    return handlers.handleAll({
      requestStorage: Effect.fn(function* ({ params, payload }) {
        const { purchase } = yield* client
        const cid = yield* cidFrom(params.cid)
        const terms = yield* checked(payload)
        const { id } = yield* purchase(cid, terms).pipe(
          Effect.catchTags({
            ...layoutErrors(cid),
            SenselessRequest: (error) => Effect.fail(unprocessable(error)),
            InsufficientTokens: (error) => Effect.fail(unprocessable(error)),
            ChainError: (error) => Effect.fail(unavailable(error)),
            PurchaseJournalError: internal,
          }),
        )
        return id.slice(2)
      }),

      purchaseIds: Effect.fn(function* () {
        const { purchasing } = yield* client
        return (yield* Effect.catch(purchasing.purchases, internal)).map(({ id }) => id)
      }),

      purchase: Effect.fn(function* ({ params }) {
        const { purchasing, config } = yield* client
        const id = yield* requestIdFrom(params.id)
        const found = yield* Effect.catch(purchasing.find(id), internal)
        if (Option.isNone(found)) return yield* new NotFound({ message: `This client made no purchase ${id}.` })
        const state = yield* found.value.state
        return {
          requestId: id,
          state: purchaseName(state),
          error: Option.getOrNull(purchaseError(state)),
          request: requestJson(found.value.request, config),
        }
      }),
    })
  }),
)
