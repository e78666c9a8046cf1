import type { ChainClock } from "@pecia/clock"
import type { RequestId } from "@pecia/contracts-abi"
import { backoff, reasonOf, relentlessly, runMachine } from "@pecia/machine"
import type { Market } from "@pecia/market"
import { Context, Effect, FiberSet, Queue, type Scope, SubscriptionRef } from "effect"
import { Purchase } from "../Purchase.ts"
import { PurchaseJournal, type PurchaseRecord } from "../PurchaseJournal.ts"
import { PurchaseMachine } from "../PurchaseMachine.ts"
import { purchaseName } from "../PurchaseName.ts"
import type { PurchaseFact, PurchaseState, PurchaseWork } from "../PurchaseState.ts"
import type { PurchaseJournalError } from "../PurchasingError.ts"
import { type Deal, watch } from "./look.ts"
import { perform } from "./purchaseWork.ts"

/** A purchase that goes on. */
export interface ActivePurchase extends Purchase {
  /** Something has happened on the chain that concerns it. Never waits. */
  readonly poke: Effect.Effect<void>
}

/**
 * An end is written down before it is told. The states on the way can be read from the chain again, so they do not keep a refund
 * waiting when the journal cannot be written.
 */
const keep = ({ id, state }: PurchaseRecord, saving: Effect.Effect<void, PurchaseJournalError>) => {
  const what = `Purchase ${id} could not be written down`
  if (state._tag === "Ended") return relentlessly(what, saving)
  return saving.pipe(
    Effect.retry({ schedule: backoff, times: 3 }),
    Effect.catch((error) => Effect.logWarning(`${what}: ${reasonOf(error)}`)),
  )
}

/** The purchases that go on, at most one for a request. */
export const makePurchaseBook: Effect.Effect<
  {
    readonly active: ReadonlyMap<RequestId, ActivePurchase>
    /** Goes on with a purchase, unless that goes on already. */
    readonly start: (record: PurchaseRecord) => Effect.Effect<Purchase>
  },
  never,
  Market | ChainClock | PurchaseJournal | Scope.Scope
> = Effect.gen(function* () {
  const context = yield* Effect.context<Market | ChainClock | PurchaseJournal>()
  const journal = Context.get(context, PurchaseJournal)
  const active = new Map<RequestId, ActivePurchase>()
  const running = yield* FiberSet.make()

  const run = (
    deal: Deal,
    current: SubscriptionRef.SubscriptionRef<PurchaseState>,
    pokes: Queue.Dequeue<void>,
    poke: Effect.Effect<void>,
  ) =>
    runMachine<PurchaseState, PurchaseFact, PurchaseWork, Market | ChainClock | Scope.Scope>({
      initial: SubscriptionRef.getUnsafe(current),
      ...PurchaseMachine,
      hasEnded: (state) => state._tag === "Ended",
      perform: perform(deal),
      watch: (tell) => watch(deal, pokes, tell),
      onEnter: Effect.fnUntraced(function* (state) {
        const record = { ...deal, state }
        yield* keep(record, journal.save(record))
        if (state._tag === "Ended") active.delete(deal.id)
        yield* SubscriptionRef.set(current, state)
        yield* Effect.logInfo(`Purchase ${deal.id}: ${purchaseName(state)}`)
        yield* poke
      }),
    }).pipe(Effect.scoped, Effect.provideContext(context))

  const start = Effect.fnUntraced(function* ({ state, ...deal }: PurchaseRecord) {
    const current = yield* SubscriptionRef.make(state)
    const pokes = yield* Queue.sliding<void>(1)
    const before = active.get(deal.id)
    if (before !== undefined) return before
    const poke = Effect.asVoid(Queue.offer(pokes, undefined))
    const purchase: ActivePurchase = { ...Purchase.of(deal, current), poke }
    active.set(deal.id, purchase)
    yield* FiberSet.run(running, run(deal, current, pokes, poke))
    return purchase
  })

  return { active, start }
})
