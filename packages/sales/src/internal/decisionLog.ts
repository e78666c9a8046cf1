import { ChainClock } from "@pecia/clock"
import { Effect, PubSub, Stream } from "effect"
import { Decision } from "../Decision.ts"

/** How many decisions are kept. */
const kept = 1000

/**
 * Keeps the latest decisions and lets them be followed. A slow reader misses the oldest. That a slot waits is told again only for
 * another reason.
 */
export const makeDecisionLog = Effect.gen(function* () {
  const clock = yield* ChainClock
  const published = yield* PubSub.sliding<Decision>({ capacity: kept, replay: kept })
  const recent: Array<Decision> = []

  const isKnown = ({ requestId, slotIndex, verdict, reason }: Omit<typeof Decision.Type, "atSeconds">) => {
    if (verdict !== "Postponed") return false
    const latest = recent.findLast((entry) => entry.requestId === requestId && entry.slotIndex === slotIndex)
    return latest?.verdict === verdict && latest.reason === reason
  }

  const record = Effect.fnUntraced(function* (decision: Omit<typeof Decision.Type, "atSeconds">) {
    if (isKnown(decision)) return
    const entry = new Decision({ ...decision, atSeconds: yield* clock.now })
    recent.push(entry)
    if (recent.length > kept) recent.shift()
    const where = entry.slotIndex === undefined ? "" : `slot ${entry.slotIndex} of `
    yield* Effect.logInfo(`${entry.verdict}: ${where}request ${entry.requestId}. ${entry.reason}`)
    yield* PubSub.publish(published, entry)
  })

  return {
    record,
    /** The decisions that are kept, then each new one. */
    stream: Stream.fromPubSub(published),
    recent: Effect.sync((): ReadonlyArray<Decision> => [...recent]),
  }
})

export type DecisionLog = Effect.Success<typeof makeDecisionLog>
