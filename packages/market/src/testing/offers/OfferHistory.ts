import type { OfferId, RequestId } from "@pecia/contracts-abi"
import { Effect, Stream } from "effect"
import type { OfferEvent } from "../../OfferEvent.ts"
import { once } from "../History.ts"
import { OfferBed } from "../OfferBed.ts"
import { newOpenRequest } from "./OfferScenario.ts"

type Logged = Exclude<OfferEvent, { readonly _tag: "ChainReorganised" }>

/** Whether the event is about the request or one of the offers. */
export const concerns =
  (...ids: ReadonlyArray<RequestId | OfferId>) =>
  (event: OfferEvent): event is Logged => {
    const names: ReadonlyArray<string> = ids
    if (event._tag === "ChainReorganised") return false
    return (
      ("requestId" in event && names.includes(event.requestId)) || ("offerId" in event && names.includes(event.offerId))
    )
  }

/** What happened, without where. */
export const what = ({ blockNumber: _block, logIndex: _index, ...event }: Logged) => event

/** Has a new account ask for offers, a new request each time, which pays nothing. */
export const newCaller = Effect.gen(function* () {
  const bed = yield* OfferBed
  const { offers } = yield* bed.newTrader(0n)
  return {
    offers,
    /** Asks with the n-th of its requests. */
    call: (nonce: number) =>
      Effect.flatMap(newOpenRequest(offers.account, { maxPrice: 0n, nonce }), offers.requestStorage),
  }
})

/** All events about the ids from a block on until now, in the order of the chain. Marks now with an event of its own. */
export const offerEventsSince = Effect.fnUntraced(function* (
  fromBlock: bigint,
  ...ids: ReadonlyArray<RequestId | OfferId>
) {
  const { call, offers } = yield* newCaller
  const now = yield* call(1)
  return yield* offers.events({ fromBlock }).pipe(
    Stream.filter(concerns(now, ...ids)),
    once,
    Stream.takeWhile((event): boolean => !concerns(now)(event)),
    Stream.runCollect,
  )
})
