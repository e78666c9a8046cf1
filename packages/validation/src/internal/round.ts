import { ChainClock } from "@pecia/clock"
import { Effect } from "effect"
import type { MarkOutcome } from "../MarkOutcome.ts"
import type { MarkedMarket } from "./markedMarket.ts"
import type { OpenPeriod, OpenPeriods } from "./openPeriods.ts"
import { messageOf, verdictOf } from "./verdict.ts"
import type { Watched, WatchList } from "./watchList.ts"

/** As many as an account has in flight at once. */
const atOnce = 16

interface RoundOptions {
  readonly market: MarkedMarket
  readonly list: WatchList
  readonly periods: OpenPeriods
  readonly report: (outcome: MarkOutcome) => Effect.Effect<void>
  /** Takes a sentence for each question that has no answer. */
  readonly failures: Array<string>
}

/** Asks about all that is watched in all periods that are open, marks what can be marked, and says whether nothing is to be asked again. */
export const round = Effect.fnUntraced(function* ({ market, list, periods, report, failures }: RoundOptions) {
  const clock = yield* ChainClock
  let isComplete = true

  const sift = (slot: Watched) =>
    Effect.catchCause(list.sift(slot), (cause) => Effect.sync(() => void failures.push(messageOf(cause))))
  yield* Effect.forEach(list.unsure, sift, { concurrency: atOnce, discard: true })

  const { closed, unseen } = periods.moveTo(yield* clock.now)
  if (unseen > 0n) yield* Effect.logWarning(`${unseen} periods have passed in which no missing proof was marked.`)
  for (const { period, standings } of closed)
    for (const [slotId, standing] of standings)
      if (standing === "Failed") yield* report({ _tag: "TooLate", slotId, period })

  const judge = Effect.fnUntraced(function* ({ slot, opened }: { slot: Watched; opened: OpenPeriod }) {
    const of = { slotId: slot.slotId, period: opened.period }
    const isLastCall = periods.isLastCall(of.period, yield* clock.now)
    const verdict = yield* verdictOf(market, of.slotId, of.period)
    switch (verdict._tag) {
      case "Marked":
      case "AlreadyMarked":
        slot.misses += 1
        opened.standings.set(of.slotId, "Settled")
        return yield* report({ _tag: verdict._tag, ...of })
      case "Proven":
        slot.misses = 0
        opened.standings.set(of.slotId, "Settled")
        return
      case "NotRequired":
        opened.standings.set(of.slotId, isLastCall ? "Settled" : "Excused")
        return
      case "NotKept":
        slot.isSure = false
        isComplete = false
        return
      case "TooEarly":
        isComplete = false
        return
      case "TooLate":
        opened.standings.set(of.slotId, "Settled")
        return yield* report({ _tag: "TooLate", ...of })
      case "Failed":
        failures.push(verdict.detail)
        opened.standings.set(of.slotId, verdict.mayPass ? "Failed" : "Settled")
        return yield* report({ _tag: "Failed", ...of, detail: verdict.detail })
    }
  })
  // Whoever missed before comes first: what is sent together is mined together.
  const due = periods.due(list.watched, yield* clock.now)
  const suspectsFirst = due.sort((one, other) => other.slot.misses - one.slot.misses)
  yield* Effect.forEach(suspectsFirst, judge, { concurrency: atOnce, discard: true })
  return isComplete
})
