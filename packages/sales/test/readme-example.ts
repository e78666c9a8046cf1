import { ChainClock } from "@pecia/clock"
import { MemoryMarket } from "@pecia/market"
import { Reservations } from "@pecia/reservations"
import { HostPolicy, PolicyRefusal, Sales, SlotStorage } from "@pecia/sales"
import { Console, Effect, Layer } from "effect"

const Space = Reservations.layerMemory({ quotaBytes: 1_048_576n })
const Data = Layer.succeed(SlotStorage, {
  store: () => Effect.void, // fetches the slot and compares it with the request's root
  prove: () => Effect.succeed(new Uint8Array([1])),
  clear: () => Effect.void,
})
const OnlyADay = Layer.succeed(HostPolicy, {
  consider: ({ request }) =>
    request.ask.duration <= 86_400n
      ? Effect.void
      : Effect.fail(new PolicyRefusal({ reason: "This host keeps nothing for longer than a day." })),
})
const Host = Sales.layer({ workers: 3 }).pipe(
  Layer.provide([MemoryMarket.layerTest(), ChainClock.layerSystem, Space, Data, OnlyADay]),
)

export const program = Effect.gen(function* () {
  const sales = yield* Sales // from here on slots are taken, hosted, and paid
  yield* Console.log(`${(yield* sales.slots).length} slots, ${(yield* sales.recentDecisions).length} decisions`)
}).pipe(Effect.provide(Host))
