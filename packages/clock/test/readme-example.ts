import { ChainClock, TestChain } from "@pecia/clock"
import { Console, Effect, Fiber } from "effect"

const expiry = 1_000n

const refund = Effect.gen(function* () {
  const clock = yield* ChainClock
  yield* clock.waitPast(expiry) // a request is cancelled strictly after its expiry
  yield* Console.log(`refunded at ${yield* clock.now}`)
})

export const program = Effect.gen(function* () {
  const fiber = yield* Effect.forkChild(refund, { startImmediately: true })
  yield* TestChain.use((chain) => chain.advanceTo(expiry)) // not yet
  yield* TestChain.use((chain) => chain.advanceTo(expiry + 12n))
  yield* Fiber.join(fiber)
}).pipe(Effect.provide(ChainClock.layerTest()))
