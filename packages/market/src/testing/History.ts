import type { RequestId, SlotId } from "@pecia/contracts-abi"
import { Effect, Stream } from "effect"
import type { MarketEvent } from "../MarketEvent.ts"
import { MarketBed } from "./MarketBed.ts"
import { newTeller } from "./Scenario.ts"

type Logged = Exclude<MarketEvent, { readonly _tag: "ChainReorganised" }>

/** Whether the event is about the request or one of the slots. */
export const concerns =
  (...ids: ReadonlyArray<RequestId | SlotId>) =>
  (event: MarketEvent): event is Logged => {
    const names: ReadonlyArray<string> = ids
    if (event._tag === "ChainReorganised") return false
    return (
      ("requestId" in event && names.includes(event.requestId)) || ("slotId" in event && names.includes(event.slotId))
    )
  }

/** What happened, without where. */
export const what = ({ blockNumber: _block, logIndex: _index, ...event }: Logged) => event

/** Drops events that came before, as they may on a stream that delivers at least once. */
export const once = <Event extends { readonly blockNumber: bigint; readonly logIndex: number }, E, R>(
  events: Stream.Stream<Event, E, R>,
): Stream.Stream<Event, E, R> =>
  Stream.suspend(() => {
    const seen = new Set<string>()
    return Stream.filter(events, ({ blockNumber, logIndex }) => {
      const place = `${blockNumber}:${logIndex}`
      return !seen.has(place) && seen.add(place).size > 0
    })
  })

/** The block that comes next. */
export const nextBlock = Effect.gen(function* () {
  const bed = yield* MarketBed
  return (yield* bed.blockNumber) + 1n
})

/** All events about the ids from a block on until now, in the order of the chain. Marks now with an event of its own. */
export const eventsSince = Effect.fnUntraced(function* (fromBlock: bigint, ...ids: ReadonlyArray<RequestId | SlotId>) {
  const { market, tell } = yield* newTeller
  const now = yield* tell(1)
  return yield* market.events({ fromBlock }).pipe(
    Stream.filter(concerns(now, ...ids)),
    once,
    Stream.takeWhile((event): boolean => !concerns(now)(event)),
    Stream.runCollect,
  )
})
