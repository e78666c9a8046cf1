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
  /** That of its request. */
  readonly last: bigint
}

export interface RequestNow {
  readonly id: RequestId
  readonly request: StorageRequest
  readonly client: number
  readonly state: RequestState
  /** Unix seconds. */
  readonly end: bigint
  /** Unix seconds: when it will be over unless something is done. */
  readonly last: bigint
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

  const slotNow = Effect.fnUntraced(function* (id: SlotId, index: number, requestId: RequestId, last: bigint) {
    const host = Option.getOrUndefined(Option.map(yield* any.getHost(id), whoIs))
    const slot: SlotNow = { id, requestId, index: BigInt(index), state: yield* any.slotState(id), host, last }
    return slot
  })

  const requestNow = Effect.fnUntraced(function* (id: RequestId) {
    const request = Option.getOrThrow(yield* any.getRequest(id))
    const state = Option.getOrThrow(yield* any.requestState(id))
    const end = yield* any.requestEnd(id)
    const last = state === "New" ? request.expiry : end
    const slots = yield* Effect.forEach(slotIdsOf(id, request), (slot, index) => slotNow(slot, index, id, last))
    const now: RequestNow = { id, request, client: whoIs(request.client), state, end, last, slots }
    return now
  })

  const requests = yield* Effect.forEach(ids, requestNow)
  const { number, timestamp } = yield* side.head
  const scene: Scene = { terms, now: timestamp, number, requests, slots: requests.flatMap(({ slots }) => slots) }
  return scene
})
