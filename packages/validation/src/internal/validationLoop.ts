import { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import { BigInt as BigInts, Cause, Effect, Exit, Latch, Option, PubSub, Schema, Stream } from "effect"
import { MarkOutcome } from "../MarkOutcome.ts"
import { SlotGroup } from "../SlotGroup.ts"
import type { ValidationOptions } from "../ValidationOptions.ts"
import type { ValidationStatus } from "../ValidationStatus.ts"
import type { MarkedMarket } from "./markedMarket.ts"
import { makeOpenPeriods, type OpenPeriods } from "./openPeriods.ts"
import { round } from "./round.ts"
import { messageOf } from "./verdict.ts"
import { makeWatchList } from "./watchList.ts"

/** Watches slots and marks their missing proofs, as long as the scope is open. No failure ends it. */
export const makeValidation = Effect.fnUntraced(function* (
  market: MarkedMarket,
  { watch = "all", maxSlots = 1000, fromBlock = 0n }: ValidationOptions<SlotId>,
) {
  const clock = yield* ChainClock
  const told = Effect.isEffect(watch) ? watch : undefined
  const group = watch === "all" || Effect.isEffect(watch) ? undefined : yield* checked(watch)
  const outcomes = yield* Effect.acquireRelease(PubSub.sliding<MarkOutcome>(1024), PubSub.shutdown)
  const list = makeWatchList(market.isKept, maxSlots)
  const news = yield* Latch.make()
  let marked = 0
  let lastError = Option.none<string>()

  const report = Effect.fnUntraced(function* (outcome: MarkOutcome) {
    if (outcome._tag === "Marked") marked += 1
    yield* log(outcome)
    yield* PubSub.publish(outcomes, outcome)
  })

  /** Whether everything was answered. Where a new list cannot be had, the one before is good. */
  const look = Effect.fnUntraced(function* (periods: OpenPeriods) {
    const failures: Array<string> = []
    const note = (cause: Cause.Cause<unknown>) => {
      failures.push(messageOf(cause))
      return Effect.succeed(false)
    }
    if (told !== undefined) yield* Effect.catchCause(Effect.map(told, list.keepOnly), note)
    const isComplete = yield* Effect.catchCause(round({ market, list, periods, report, failures }), note)
    lastError = Option.fromUndefinedOr(failures[0])
    if (failures.length > 0)
      yield* Effect.logWarning(`${failures.length} questions had no answer; asking again. ${failures[0]}`)
    return isComplete && failures.length === 0
  })

  const listen = (periods: OpenPeriods) => {
    const concerns = (slotId: SlotId) =>
      told === undefined ? group === undefined || SlotGroup.has(group, slotId) : list.has(slotId)
    const listener = {
      filled: (slotId: SlotId) => {
        if (!concerns(slotId)) return Effect.void
        list.add(slotId)
        return Effect.asVoid(news.open)
      },
      reorganised: Effect.suspend(() => {
        list.doubtAll()
        periods.reopen()
        return Effect.asVoid(news.open)
      }),
    }
    return market.follow(listener, told === undefined ? { fromBlock } : {})
  }

  /** Asks until there is an answer. */
  const constants = Effect.gen(function* () {
    for (let failures = 0n; ; failures++) {
      const exit = yield* Effect.exit(market.config)
      if (Exit.isSuccess(exit)) return exit.value
      yield* Effect.logWarning(
        `The constants of the contract could not be read; asking again. ${messageOf(exit.cause)}`,
      )
      yield* clock.waitUntil((yield* clock.now) + backoffSeconds(failures, 64n))
    }
  })

  const supervise = Effect.gen(function* () {
    const { proofs: config } = yield* constants
    const periods = makeOpenPeriods(config)
    yield* Effect.forkScoped(listen(periods))
    for (let failures = 0n; ; ) {
      yield* news.close
      const isComplete = yield* look(periods)
      const now = yield* clock.now
      if (isComplete && periods.due(list.watched, now).length > 0) continue
      const next = periods.nextLook(now)
      const again = isComplete ? next : now + backoffSeconds(failures, config.timeout)
      failures = isComplete ? 0n : failures + 1n
      yield* Effect.raceFirst(clock.waitUntil(BigInts.min(next, again)), news.await)
    }
  })

  yield* Effect.forkScoped(
    Effect.tapCause(supervise, (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logFatal("A loop that must not end has died.", cause),
    ),
  )
  return {
    status: Effect.sync(
      (): ValidationStatus => ({ watched: list.watched.length, beyond: list.beyond, marked, lastError }),
    ),
    outcomes: Stream.fromPubSub(outcomes),
  }
})

const checked = (group: SlotGroup) => Effect.orDie(Schema.decodeEffect(SlotGroup)(group))

/** 1, 2, 4 ... seconds of the chain, but so that a time-out has room for several attempts. */
const backoffSeconds = (failures: bigint, timeoutSeconds: bigint): bigint =>
  BigInts.min(2n ** BigInts.min(failures, 16n), BigInts.max(timeoutSeconds / 8n, 1n))

const log = (outcome: MarkOutcome): Effect.Effect<void> => {
  const proof = `proof of slot ${outcome.slotId} for period ${outcome.period}`
  return MarkOutcome.match(outcome, {
    Marked: () => Effect.logInfo(`The ${proof} is missing, and is marked now.`),
    AlreadyMarked: () => Effect.logDebug(`The ${proof} is missing, and was marked already.`),
    Failed: ({ detail }) => Effect.logDebug(`The ${proof} could not be asked about. ${detail}`),
    TooLate: () => Effect.logWarning(`It is too late to mark the ${proof}, should it be missing.`),
  })
}
