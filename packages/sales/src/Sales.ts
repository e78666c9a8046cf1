import type { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import { relentlessly } from "@pecia/machine"
import { type AccountLocked, type ChainError, Market, type MarketEvent, MarketEvents } from "@pecia/market"
import { type Reservation, Reservations, type ReservationsError } from "@pecia/reservations"
import { Context, Effect, Layer, Option, Schedule, type Stream } from "effect"
import { Collateral } from "./Collateral.ts"
import type { Decision } from "./Decision.ts"
import type { HostPolicy } from "./HostPolicy.ts"
import { makeDecisionLog } from "./internal/decisionLog.ts"
import { takeIn } from "./internal/intake.ts"
import { adoptAll, restore } from "./internal/restore.ts"
import { makeSlotQueue } from "./internal/SlotQueue.ts"
import { makeSaleBook, type SaleBook } from "./internal/saleBook.ts"
import { makeWorker } from "./internal/worker.ts"
import type { Sale } from "./Sale.ts"
import { SaleMachine } from "./SaleMachine.ts"
import type { SaleName } from "./SaleName.ts"
import { outcomeSentence, type SaleOutcome } from "./SaleOutcome.ts"
import type { SaleSlot } from "./SaleSlot.ts"
import { SaleState } from "./SaleState.ts"
import type { SlotStorage } from "./SlotStorage.ts"

/** A sale, as it stands now. */
export interface SaleReport {
  readonly slot: SaleSlot
  readonly state: SaleState
  /** The state, as REST calls it. */
  readonly name: SaleName
  /** The space that is held for the slot. */
  readonly reservation: Option.Option<Reservation>
}

export interface SalesOptions {
  /** How many slots are fetched and filled at the same time; default 3. Slots that are filled occupy no worker. */
  readonly workers?: number
  /** How many requests wait for a worker, and how many for space, at most; default 256. */
  readonly capacity?: number
  /** From which block on requests are read, so that those are found that were made while this node was down; default 0. */
  readonly fromBlock?: bigint
}

/** The sales of a host: takes slots on the market, hosts them until they are paid, and takes them up again after a restart. */
export class Sales extends Context.Service<
  Sales,
  {
    /** The sales that go on. Asks no chain. */
    readonly slots: Effect.Effect<ReadonlyArray<SaleReport>, ReservationsError>
    /** The sale of a slot, or how it has ended as long as that is remembered (the latest 1000). */
    readonly slot: (slotId: SlotId) => Effect.Effect<Option.Option<SaleReport>, ReservationsError>
    /** The latest ended sales (up to 1000), the oldest first. */
    readonly ended: Effect.Effect<ReadonlyArray<SaleReport>>
    /** Why each slot was taken or not: the latest 1000, then each new one. A slow reader misses some. */
    readonly decisions: Stream.Stream<Decision>
    /** The latest 1000 decisions, the oldest first. */
    readonly recentDecisions: Effect.Effect<ReadonlyArray<Decision>>
    /** How many requests are open (queued or in work), and how many wait for space, other terms or tokens. */
    readonly backlog: Effect.Effect<{ readonly open: number; readonly shelved: number }>
    /** Looks again, at once, at the requests that did not fit; without it that happens each minute. */
    readonly reconsider: Effect.Effect<void>
    /** Takes the whole collateral back; only a host that holds no slot can. */
    readonly withdrawCollateral: Effect.Effect<void, AccountLocked | ChainError>
  }
>()("@pecia/sales/Sales") {
  static readonly layer = (
    options: SalesOptions = {},
  ): Layer.Layer<Sales, never, Market | ChainClock | Reservations | SlotStorage | HostPolicy> =>
    Layer.effect(Sales, make(options)).pipe(Layer.provide(Collateral.layer))
}

/** How often the requests that did not fit are looked at again although nobody called for it: no event tells of tokens. */
const secondLook = "1 minute"

/** How often the account's slots on the chain are compared with those that are followed. */
const reunion = "10 minutes"

const make = Effect.fnUntraced(function* ({ workers = 3, capacity = 256, fromBlock = 0n }: SalesOptions) {
  const reservations = yield* Reservations
  const collateral = yield* Collateral
  const queue = yield* makeSlotQueue(capacity)
  const log = yield* makeDecisionLog
  const scope = yield* Effect.scope

  /** Does not wait for room in the queue. */
  const reconsider = Effect.asVoid(Effect.forkIn(queue.reconsider, scope))

  const onEnd = Effect.fnUntraced(function* ({ slot, gaveBack }: Sale, outcome: SaleOutcome) {
    const { requestId, slotIndex } = slot
    const verdict = outcome._tag === "Ignored" ? "Postponed" : "Ended"
    yield* log.record({ requestId, slotIndex, verdict, reason: outcomeSentence(outcome) })
    if (yield* gaveBack) yield* reconsider
  })

  const book = yield* makeSaleBook({ onEnd })
  const worker = makeWorker({ queue, book, log })

  yield* Effect.forkScoped(
    MarketEvents.follow((event) =>
      Effect.andThen(
        notify(book, event),
        // It may have undone a payout, of a sale that is over.
        event._tag === "ChainReorganised" ? Effect.forkIn(adoptAll(book), scope) : Effect.void,
      ),
    ),
    { startImmediately: true },
  )
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      yield* restore(book)
      yield* Effect.forEach(Array.from({ length: workers }), () => Effect.forkScoped(worker))
      yield* Effect.forkScoped(Effect.schedule(adoptAll(book), Schedule.spaced(reunion)))
      yield* Effect.forkScoped(Effect.repeat(queue.reconsider, Schedule.spaced(secondLook)))
      return yield* takeIn(fromBlock, queue, log)
    }),
  )

  const report = Effect.fnUntraced(function* (sale: Sale) {
    const state = yield* sale.state
    const reservation = yield* reservations.reservation(sale.slot.slotId)
    return { slot: sale.slot, state, name: SaleMachine.restName(state), reservation }
  })

  const ended = Effect.sync(() =>
    Array.from(book.ended.values()).map(({ slot, outcome }): SaleReport => {
      const state = SaleState.Ended({ outcome })
      return { slot, state, name: SaleMachine.restName(state), reservation: Option.none() }
    }),
  )

  return Sales.of({
    slots: Effect.suspend(() => Effect.forEach(Array.from(book.active.values()), report)),
    slot: Effect.fn("Sales.slot")(function* (slotId) {
      const sale = book.active.get(slotId)
      if (sale !== undefined) return Option.some(yield* report(sale))
      return Option.fromUndefinedOr((yield* ended).find(({ slot }) => slot.slotId === slotId))
    }),
    ended,
    decisions: log.stream,
    recentDecisions: log.recent,
    backlog: queue.sizes,
    reconsider,
    withdrawCollateral: collateral.withdraw,
  })
})

/** Pokes the sales that an event concerns; they ask the chain themselves what it means. */
const notify = Effect.fnUntraced(function* (book: SaleBook, event: MarketEvent) {
  const sales = Array.from(book.active.values())
  const poke = (concerned: ReadonlyArray<Sale>) => Effect.forEach(concerned, (sale) => sale.poke, { discard: true })
  switch (event._tag) {
    case "ChainReorganised":
      return yield* poke(sales)
    case "RequestFulfilled":
    case "RequestFailed":
    case "RequestCancelled":
      return yield* poke(sales.filter(({ slot }) => slot.requestId === event.requestId))
    case "SlotFreed":
      return yield* poke(sales.filter(({ slot }) => slot.slotId === event.slotId))
    case "SlotFilled":
      yield* poke(sales.filter(({ slot }) => slot.slotId === event.slotId))
      return yield* adopt(book, event.slotId)
    case "StorageRequested":
    case "ProofSubmitted":
      return
  }
})

/** A filling of ours that was mined after its sale had been given up is taken up again. */
const adopt = Effect.fnUntraced(function* (book: SaleBook, slotId: SlotId) {
  const before = book.ended.get(slotId)
  if (before === undefined || book.active.has(slotId)) return
  const market = yield* Market
  const host = yield* relentlessly(`The host of slot ${slotId} could not be read`, market.getHost(slotId))
  if (Option.contains(host, market.account)) yield* book.start(before.slot, SaleState.Restoring())
})
