import { relentlessly } from "@pecia/machine"
import { Effect, Option, Stream } from "effect"
import { HostPolicy } from "../HostPolicy.ts"
import type { Sale } from "../Sale.ts"
import type { SaleOutcome } from "../SaleOutcome.ts"
import type { SaleSlot } from "../SaleSlot.ts"
import { SaleState } from "../SaleState.ts"
import { SlotStanding } from "../SlotStanding.ts"
import type { DecisionLog } from "./decisionLog.ts"
import { look } from "./look.ts"
import { Candidate, type SlotQueue } from "./SlotQueue.ts"
import type { SaleBook } from "./saleBook.ts"

/** What a worker works with. */
export interface Workshop {
  readonly queue: SlotQueue
  readonly book: SaleBook
  readonly log: DecisionLog
}

/** The states that a worker sees a sale through; what comes after them needs no worker. */
const inWork = (state: SaleState) =>
  state._tag === "Reserving" ||
  state._tag === "Downloading" ||
  state._tag === "InitialProving" ||
  state._tag === "Filling"

/** Takes one request after the other and tries the next slot of it, up to its filling. */
export const makeWorker = ({ queue, book, log }: Workshop) => {
  const decide = (
    candidate: Candidate,
    verdict: "Taken" | "Refused" | "Postponed" | "Skipped",
    reason: string,
  ): Effect.Effect<void> =>
    log.record({ requestId: candidate.requestId, slotIndex: Candidate.slot(candidate).slotIndex, verdict, reason })

  const shelve = Effect.fnUntraced(function* (candidate: Candidate) {
    const forgotten = yield* queue.shelve(candidate)
    if (forgotten !== undefined) yield* decide(forgotten, "Refused", "Too many other requests wait for space.")
  })

  /** What becomes of the request when the sale of one slot ended before it was filled. */
  const afterwards = (candidate: Candidate, outcome: SaleOutcome): Effect.Effect<void> => {
    if (outcome._tag === "Lost") return queue.step(candidate)
    return outcome._tag === "Ignored" ? shelve(candidate) : queue.retire(candidate)
  }

  const sell = Effect.fnUntraced(function* (candidate: Candidate, slot: SaleSlot) {
    const sale: Sale = yield* book.start(slot, SaleState.Reserving({ mine: false }))
    const settled = yield* sale.states.pipe(
      Stream.filter((state) => !inWork(state)),
      Stream.runHead,
    )
    if (Option.isSome(settled) && settled.value._tag === "Hosting") {
      yield* decide(candidate, "Taken", "This host filled the slot.")
      return yield* queue.step(candidate)
    }
    // Its clearing may take long; nobody has to stand by.
    yield* Effect.forkScoped(Effect.flatMap(sale.outcome, (outcome) => afterwards(candidate, outcome)))
  })

  const consider = Effect.fnUntraced(function* (candidate: Candidate, slot: SaleSlot) {
    const policy = yield* HostPolicy
    const alreadyHeld = Array.from(book.active.values()).filter((sale) => sale.slot.requestId === slot.requestId).length
    yield* policy.consider({ ...slot, alreadyHeld })
    yield* sell(candidate, slot)
  })

  const attempt = Effect.fnUntraced(function* (candidate: Candidate) {
    const slot = Candidate.slot(candidate)
    if (book.active.has(slot.slotId)) return yield* queue.step(candidate)
    const skip = (reason: string) => Effect.andThen(decide(candidate, "Skipped", reason), queue.step(candidate))
    if (book.ended.get(slot.slotId)?.outcome._tag === "Errored") {
      return yield* skip("This host failed with the slot before and leaves it to others.")
    }
    const standing = yield* relentlessly(`Slot ${slot.slotId} could not be looked at`, look(slot))
    const takeUp = () => Effect.andThen(book.start(slot, SaleState.Restoring()), queue.step(candidate))
    yield* SlotStanding.$match(standing, {
      Open: () =>
        consider(candidate, slot).pipe(
          Effect.catchTag("PolicyRefusal", ({ reason }) =>
            Effect.andThen(decide(candidate, "Postponed", reason), shelve(candidate)),
          ),
        ),
      Mine: takeUp,
      Payable: takeUp,
      Taken: ({ host }) => skip(`Host ${host} has the slot.`),
      Paid: () => queue.step(candidate),
      Over: () => queue.retire(candidate),
    })
  })

  /** Works for ever: what goes wrong with one request is told, and costs that request only. */
  return Effect.forever(
    Effect.flatMap(queue.take, (candidate) =>
      attempt(candidate).pipe(
        Effect.catchDefect((defect) =>
          Effect.andThen(
            Effect.logError(`Request ${candidate.requestId} is given up after a fault of this node.`, defect),
            queue.retire(candidate),
          ),
        ),
      ),
    ),
  )
}
