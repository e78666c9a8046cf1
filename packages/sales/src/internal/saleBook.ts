import type { SlotId } from "@pecia/contracts-abi"
import { Effect, FiberSet, type Scope } from "effect"
import { Sale } from "../Sale.ts"
import type { SaleOutcome } from "../SaleOutcome.ts"
import type { SaleSlot } from "../SaleSlot.ts"
import type { SaleState } from "../SaleState.ts"
import type { SaleServices } from "./saleWork.ts"

/** A sale that is over. */
export interface EndedSale {
  readonly slot: SaleSlot
  readonly outcome: SaleOutcome
}

/** How many ended sales are remembered. */
const kept = 1000

/** The sales that go on, at most one for a slot, and the latest that have ended. */
export const makeSaleBook = Effect.fnUntraced(function* (options: {
  /** Runs after a sale has left the book. */
  readonly onEnd: (sale: Sale, outcome: SaleOutcome) => Effect.Effect<void>
}): Effect.fn.Return<
  {
    readonly active: ReadonlyMap<SlotId, Sale>
    /** The latest ended sale of each slot. */
    readonly ended: ReadonlyMap<SlotId, EndedSale>
    /** Begins a sale, unless one of the slot goes on already. */
    readonly start: (slot: SaleSlot, initial: SaleState) => Effect.Effect<Sale, never, SaleServices>
  },
  never,
  Scope.Scope
> {
  const active = new Map<SlotId, Sale>()
  const ended = new Map<SlotId, EndedSale>()
  const running = yield* FiberSet.make()

  const remember = (sale: Sale, outcome: SaleOutcome) => {
    const { slotId } = sale.slot
    ended.delete(slotId)
    ended.set(slotId, { slot: sale.slot, outcome })
    const [oldest] = ended.keys()
    if (ended.size > kept && oldest !== undefined) ended.delete(oldest)
  }

  const runToEnd = Effect.fnUntraced(function* (sale: Sale) {
    const outcome = yield* Effect.scoped(sale.run)
    active.delete(sale.slot.slotId)
    // A slot for which nothing was held was no sale worth remembering.
    if (yield* sale.gaveBack) remember(sale, outcome)
    yield* options.onEnd(sale, outcome)
  })

  return {
    active,
    ended,
    start: Effect.fnUntraced(function* (slot, initial) {
      const fresh = yield* Sale.make(slot, initial)
      const going = active.get(slot.slotId)
      if (going !== undefined) return going
      active.set(slot.slotId, fresh)
      yield* FiberSet.run(running, runToEnd(fresh))
      return fresh
    }),
  }
})

export type SaleBook = Effect.Success<ReturnType<typeof makeSaleBook>>
