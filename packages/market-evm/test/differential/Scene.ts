import {
  type RequestId,
  type RequestState,
  type SlotId,
  type SlotState,
  type StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Array as Arr, Effect, Option } from "effect"
import type { Side } from "./Side.ts"
import type { Terms } from "./Terms.ts"

export interface SlotNow {
  readonly id: SlotId
  readonly requestId: RequestId
  readonly index: bigint
  readonly state: SlotState
  /** The place of its host among the accounts. */
  readonly host: number | undefined
  /** Unix seconds: until then its request is not over, if no slots are lost. */
  readonly last: bigint
}

export interface RequestNow {
  readonly id: RequestId
  readonly request: StorageRequest
  readonly client: number
  readonly state: RequestState
  /** Unix seconds. */
  readonly end: bigint
  readonly slots: ReadonlyArray<SlotNow>
}

/** What there is at the moment: on it depends what makes sense to be done next. */
export interface Scene {
  readonly terms: Terms
  /** Unix seconds. */
  readonly now: bigint
  /** Of the latest block. */
  readonly number: bigint
  readonly requests: ReadonlyArray<RequestNow>
  readonly slots: ReadonlyArray<SlotNow>
}

/** Of requests with very many slots, these are enough. */
const slotsLookedAt = 4n

export const slotIdsOf = (id: RequestId, { ask }: StorageRequest): ReadonlyArray<SlotId> =>
  Arr.makeBy(Number(ask.slots < slotsLookedAt ? ask.slots : slotsLookedAt), (index) => slotId(id, BigInt(index)))

/** What there is on one side, as far as the requests with these ids are concerned. */
export const sceneOf = Effect.fnUntraced(function* (side: Side, terms: Terms, ids: ReadonlyArray<RequestId>) {
  const [any] = side.markets
  if (any === undefined) return yield* Effect.die("Nobody takes part.")
  const whoIs = (account: string) => side.markets.findIndex((market) => market.account === account)
  const requests = yield* Effect.forEach(ids, (id) =>
    Effect.gen(function* () {
      const request = Option.getOrThrow(yield* any.getRequest(id))
      const state = Option.getOrThrow(yield* any.requestState(id))
      const end = yield* any.requestEnd(id)
      const slots = yield* Effect.forEach(slotIdsOf(id, request), (slot, index) =>
        Effect.gen(function* () {
          const host = Option.map(yield* any.getHost(slot), whoIs)
          const state = yield* any.slotState(slot)
          const now: SlotNow = {
            id: slot,
            requestId: id,
            index: BigInt(index),
            state,
            host: Option.getOrUndefined(host),
            last: stateOfRequest === "New" ? request.expiry : end,
          }
          return now
        }),
      )
      const state = Option.getOrThrow(yield* any.requestState(id))
      const now: RequestNow = {
        id,
        request,
        client: whoIs(request.client),
        state,
        end: yield* any.requestEnd(id),
        slots,
      }
      return now
    }),
  )
  const { number, timestamp } = yield* side.head
  const scene: Scene = { terms, now: timestamp, number, requests, slots: requests.flatMap(({ slots }) => slots) }
  return scene
})
