import { StorageRequest } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { Market } from "@pecia/market"
import { type Reservation, Reservations } from "@pecia/reservations"
import { Effect, Option } from "effect"
import { SaleSlot } from "../SaleSlot.ts"
import { SaleState } from "../SaleState.ts"
import { SlotStorage } from "../SlotStorage.ts"
import type { SaleBook } from "./saleBook.ts"

/** The slots that the chain says are ours. */
const hosted = Effect.gen(function* () {
  const market = yield* Market
  const slots = yield* Effect.forEach(yield* market.mySlots, market.getActiveSlot)
  return slots
    .filter(Option.isSome)
    .map(({ value }) => SaleSlot.of(value.request, value.slotIndex, StorageRequest.id(value.request)))
})

/** What stands on space although the chain knows no such request: another chain, or one that was rewound. */
const giveBack = ({ slotId, requestId }: Reservation) =>
  relentlessly(
    `The space of slot ${slotId} could not be given back`,
    Effect.gen(function* () {
      yield* Effect.logWarning(`The chain knows no request ${requestId}; what was stored of it is removed.`)
      yield* Effect.flatMap(SlotStorage, (storage) => storage.clear(slotId))
      yield* Effect.flatMap(Reservations, (reservations) => reservations.giveBack(slotId))
    }),
  )

/** Takes up what the chain says is ours and no sale follows; where all are followed, nothing happens. */
export const adoptAll = Effect.fnUntraced(function* (book: SaleBook) {
  for (const slot of yield* relentlessly("The slots of this host could not be read", hosted)) {
    yield* book.start(slot, SaleState.Restoring())
  }
})

/** Takes up the sales that an earlier run of this node left: what it hosts, and what it holds space for. */
export const restore = Effect.fnUntraced(function* (book: SaleBook) {
  const market = yield* Market
  const reservations = yield* Reservations
  yield* adoptAll(book)
  for (const held of yield* relentlessly("The reservations could not be read", reservations.reservations)) {
    if (held.market !== "Marketplace" || book.active.has(held.slotId)) continue
    const request = yield* relentlessly(
      `Request ${held.requestId} could not be read`,
      market.getRequest(held.requestId),
    )
    if (Option.isNone(request)) yield* Effect.forkScoped(giveBack(held))
    else yield* book.start(SaleSlot.of(request.value, held.slotIndex, held.requestId), SaleState.Restoring())
  }
})
