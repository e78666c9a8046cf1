import { Bidding, BidStorage, OfferDeclined, OfferingStrategy } from "@pecia/bidding"
import { ChainClock } from "@pecia/clock"
import { MemoryOfferMarket } from "@pecia/market"
import { Reservations } from "@pecia/reservations"
import { Console, Effect, Layer } from "effect"

const Space = Reservations.layerMemory({ quotaBytes: 1_048_576n })
const Data = Layer.succeed(BidStorage, {
  store: () => Effect.void, // fetches the data and compares it with the request's hash
  clear: () => Effect.void,
})
const DoubleForADay = Layer.succeed(OfferingStrategy, {
  price: ({ cost, request }) =>
    request.duration <= 86_400n
      ? Effect.succeed(2n * cost)
      : Effect.fail(new OfferDeclined({ reason: "This host keeps nothing for longer than a day." })),
})
const Host = Bidding.layer({ downloads: 3 }).pipe(
  Layer.provide([MemoryOfferMarket.layerTest(), ChainClock.layerSystem, Space, Data, DoubleForADay]),
)

export const program = Effect.gen(function* () {
  const bidding = yield* Bidding // from here on offers are made, and what is selected is kept and paid
  yield* Console.log(`${(yield* bidding.bids).length} bids, ${(yield* bidding.contracts).length} contracts`)
}).pipe(Effect.provide(Host))
