import { ChainClock } from "@pecia/clock"
import { flawsOf, type RequestId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { Market, MarketEvents } from "@pecia/market"
import { Effect, Option } from "effect"
import type { DecisionLog } from "./decisionLog.ts"
import { Candidate, type SlotQueue } from "./SlotQueue.ts"

/** Reads a request that is open for fillings; none: it is over, or a reorganisation took it away. */
const openRequest = Effect.fnUntraced(function* (requestId: RequestId) {
  const market = yield* Market
  const request = yield* market.getRequest(requestId)
  const state = Option.getOrUndefined(yield* market.requestState(requestId))
  const isOpen = state === "New" || state === "Started"
  return isOpen && Option.isSome(request) ? Option.some({ request: request.value, state }) : Option.none()
})

/** Offers a request to the workers, if it can work at all. */
const consider = Effect.fnUntraced(function* (requestId: RequestId, queue: SlotQueue, log: DecisionLog) {
  const found = yield* relentlessly(`Request ${requestId} could not be read`, openRequest(requestId))
  if (Option.isNone(found)) return
  const { request, state } = found.value
  const market = yield* Market
  const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
  const config = yield* relentlessly("The constants of the contract could not be read", market.config)
  // Once it has started, its expiry no longer matters.
  const flaws = flawsOf(request, { now: state === "Started" ? request.expiry - 1n : now, config })
  if (flaws.length === 0) return yield* queue.admit(Candidate.of(market.account, requestId, request))
  yield* log.record({ requestId, verdict: "Refused", reason: flaws.map(({ message }) => message).join(" ") })
})

/**
 * Brings the requests on the market to the workers, from block `fromBlock` on: those that were made before this node ran are
 * read first. A slot that was freed brings its request again. Waits while the queue is full; nothing is dropped.
 */
export const takeIn = (fromBlock: bigint, queue: SlotQueue, log: DecisionLog) =>
  MarketEvents.follow(
    (event) =>
      event._tag === "StorageRequested" || event._tag === "SlotFreed"
        ? consider(event.requestId, queue, log)
        : Effect.void,
    { fromBlock },
  )
