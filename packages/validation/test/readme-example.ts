import { ChainClock } from "@pecia/clock"
import { MemoryMarket } from "@pecia/market"
import { Validation } from "@pecia/validation"
import { Console, Effect, Layer, Stream } from "effect"

// one of four validators that divide all slots between them
const Validator = Validation.layer({ watch: { group: 0, groups: 4 } }).pipe(
  Layer.provide([MemoryMarket.layerTest(), ChainClock.layerSystem]),
)

export const program = Effect.gen(function* () {
  const { outcomes, status } = yield* Validation
  // missing proofs are marked as long as the layer stands; who wants to know, listens
  yield* Effect.forkScoped(Stream.runForEach(outcomes, ({ _tag, slotId }) => Console.log(`${slotId}: ${_tag}`)))
  const { watched, marked } = yield* status
  yield* Console.log(`${watched} slots watched, ${marked} proofs marked`)
}).pipe(Effect.scoped, Effect.provide(Validator))
