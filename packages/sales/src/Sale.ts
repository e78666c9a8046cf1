import { runMachine } from "@pecia/machine"
import { Deferred, Effect, Queue, type Scope, type Stream, SubscriptionRef } from "effect"
import { watch } from "./internal/look.ts"
import { perform, type SaleServices } from "./internal/saleWork.ts"
import { SaleMachine } from "./SaleMachine.ts"
import type { SaleOutcome } from "./SaleOutcome.ts"
import type { SaleSlot } from "./SaleSlot.ts"
import type { SaleFact, SaleState, SaleWork } from "./SaleState.ts"

/** The sale of one slot: a machine that follows the chain until the slot is paid, lost or given up. */
export interface Sale {
  readonly slot: SaleSlot
  readonly state: Effect.Effect<SaleState>
  /** The state and each one after it. */
  readonly states: Stream.Stream<SaleState>
  /** Something has happened on the chain that concerns the slot. Never waits. */
  readonly poke: Effect.Effect<void>
  /** Whether the sale gave back what it held. */
  readonly gaveBack: Effect.Effect<boolean>
  /** Waits for the end. */
  readonly outcome: Effect.Effect<SaleOutcome>
  /** Runs the sale to its end. Interrupted, it is where it was when the next one is run for the slot. */
  readonly run: Effect.Effect<SaleOutcome, never, SaleServices | Scope.Scope>
}

export const Sale = {
  make: Effect.fnUntraced(function* (slot: SaleSlot, initial: SaleState): Effect.fn.Return<Sale> {
    const current = yield* SubscriptionRef.make(initial)
    const pokes = yield* Queue.sliding<void>(1)
    const outcome = yield* Deferred.make<SaleOutcome>()
    let gaveBack = false
    const poke = Effect.asVoid(Queue.offer(pokes, undefined))

    const run = Effect.gen(function* () {
      const last = yield* runMachine<SaleState, SaleFact, SaleWork, SaleServices | Scope.Scope>({
        initial,
        decide: SaleMachine.decide,
        work: SaleMachine.work,
        hasEnded: (state) => state._tag === "Ended",
        perform: perform(slot),
        watch: (tell) => watch(slot, pokes, tell),
        onEnter: Effect.fnUntraced(function* (state) {
          yield* SubscriptionRef.set(current, state)
          if (state._tag === "Clearing") gaveBack = true
          yield* Effect.logInfo(`Slot ${slot.slotIndex} of request ${slot.requestId}: ${SaleMachine.restName(state)}`)
          yield* poke
        }),
      })
      if (last._tag !== "Ended") return yield* Effect.die("a sale stopped before its end")
      yield* Deferred.succeed(outcome, last.outcome)
      return last.outcome
    })

    return {
      slot,
      state: SubscriptionRef.get(current),
      states: SubscriptionRef.changes(current),
      poke,
      gaveBack: Effect.sync(() => gaveBack),
      outcome: Deferred.await(outcome),
      run,
    }
  }),
}
