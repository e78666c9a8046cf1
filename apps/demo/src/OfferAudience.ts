import { ChainClock } from "@pecia/clock"
import { type ContractState, type OfferId, type RequestId, zeroAddress } from "@pecia/contracts-abi"
import { OfferMarket } from "@pecia/market"
import { BigInt as BigInts, Effect, Option, Stream } from "effect"
import { makeCounter } from "./Audience.ts"
import { Board, type SlotRow } from "./Board.ts"
import type { Actor } from "./Nodes.ts"

/** Counts the offers for each request and the proofs of each contract, as the chain tells of them. */
export const watchOffers = Effect.gen(function* () {
  const market = yield* OfferMarket
  const offers = yield* makeCounter
  const proofs = yield* makeCounter
  yield* market.events().pipe(
    Stream.runForEach((event) => {
      if (event._tag === "StorageOffered") return offers.count(event.offer.requestId)
      return event._tag === "ProofSubmitted" ? proofs.count(event.offerId) : Effect.void
    }),
    Effect.forkScoped({ startImmediately: true }),
  )
  return {
    offersOf: (id: RequestId) => offers.countOf(id),
    proofsOf: (id: OfferId) => proofs.countOf(id),
  }
})

const marks: Record<ContractState, SlotRow["mark"]> = {
  None: "·",
  Selected: "○",
  Started: "●",
  Finished: "✓",
  Failed: "✗",
  Released: "✗",
}

/** Looks at the slots, of which each has a request of its own, and shows what is to be seen. */
export const glanceAtOffers = Effect.fnUntraced(function* (
  ids: ReadonlyArray<RequestId>,
  hosts: ReadonlyArray<Actor>,
  { offersOf, proofsOf }: Effect.Success<typeof watchOffers>,
) {
  const market = yield* OfferMarket
  const board = yield* Board
  const clock = yield* ChainClock

  const selectedFor = Effect.fnUntraced(function* (id: RequestId) {
    const offerId = yield* market.selectedOffer(id)
    if (Option.isNone(offerId)) return Option.none()
    const offer = yield* market.getOffer(offerId.value)
    return Option.map(offer, ({ host, price }) => ({ offerId: offerId.value, host, price }))
  })
  const slotAt = Effect.fnUntraced(function* (requestId: RequestId, index: number) {
    const offers = yield* offersOf(requestId)
    const selected = yield* selectedFor(requestId)
    if (Option.isNone(selected))
      return { index, requestId, offers, selected, state: "None" as const, proofs: 0, end: 0n }
    const { offerId } = selected.value
    const end = Option.getOrElse(yield* market.proofEnd(offerId), () => 0n)
    return {
      index,
      requestId,
      offers,
      selected,
      state: yield* market.contractState(offerId),
      proofs: yield* proofsOf(offerId),
      end,
    }
  })

  const slots = yield* Effect.forEach(ids, slotAt, { concurrency: "unbounded" })
  const now = yield* clock.now
  const left = slots.reduce((most, { end }) => BigInts.max(most, end - now), 0n)
  const rows = slots.map(({ index, offers, selected, state, proofs }): SlotRow => {
    const address = Option.match(selected, { onNone: () => zeroAddress, onSome: ({ host }) => host })
    return {
      index,
      host: hosts.find((one) => one.address === address)?.name ?? "",
      mark: marks[state],
      state: state === "None" ? `${offers} offers` : state.toLowerCase(),
      proofs,
      missed: 0,
    }
  })
  yield* board.show({ title: "contracts", secondsLeft: left > 0n ? left : null, slots: rows })
  return slots
})
