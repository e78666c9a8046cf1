import { ChainClock } from "@pecia/clock"
import { type Period, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Cause, Context, Effect, Exit, FiberMap, Layer, Option, PubSub, Stream } from "effect"
import { backoffSeconds, makeDuties, messageOf } from "./internal/proofDuty.ts"
import { ProofOutcome } from "./ProofOutcome.ts"
import type { Prover } from "./Prover.ts"

/** How the proofs of a hosted slot stand. */
export interface SlotStatus {
  readonly slotId: SlotId
  /** The latest period for which a proof is in. */
  readonly provenIn: Option.Option<Period>
  /** Periods since this service started that ended without the proof that was due. */
  readonly misses: number
  /** Why the latest attempt failed; none: it did not. */
  readonly lastError: Option.Option<string>
}

/**
 * Sees to it that the proofs of the slots that this account holds are in on time, as long as its scope is open.
 *
 * Law: in each period each slot that owes a proof gets one, once, as soon as data and chain permit. Slots are taken from the chain
 * at the start of each period, so nobody has to tell of a new one. No failure ends it; none of one slot holds up another.
 */
export class Proving extends Context.Service<
  Proving,
  {
    /** The slots as they were at the start of the period; in no particular order. */
    readonly status: Effect.Effect<ReadonlyArray<SlotStatus>>
    /** What happens from now on. A reader who is 1,024 outcomes behind loses the oldest. */
    readonly outcomes: Stream.Stream<ProofOutcome>
  }
>()("@pecia/proving/Proving") {
  /** `proofsAtOnce` (default 4): how many proofs are made at the same time. */
  static readonly layer = (options?: {
    readonly proofsAtOnce?: number
  }): Layer.Layer<Proving, never, Market | ChainClock | Prover> =>
    Layer.effect(Proving, make(options?.proofsAtOnce ?? 4))
}

const make = Effect.fnUntraced(function* (proofsAtOnce: number) {
  const market = yield* Market
  const clock = yield* ChainClock
  const outcomes = yield* Effect.acquireRelease(PubSub.sliding<ProofOutcome>(1024), PubSub.shutdown)
  const slots = new Map<SlotId, SlotStatus>()
  const workers = yield* FiberMap.make<SlotId>()

  const report = Effect.fnUntraced(function* (outcome: ProofOutcome) {
    const status = slots.get(outcome.slotId)
    if (status !== undefined) slots.set(outcome.slotId, after(status, outcome))
    yield* log(outcome)
    yield* PubSub.publish(outcomes, outcome)
  })

  /** Asks until there is an answer. */
  const insist = Effect.fnUntraced(function* <A, E>(
    what: string,
    question: Effect.Effect<A, E>,
    periodSeconds: bigint,
  ) {
    for (let failures = 0n; ; failures++) {
      const exit = yield* Effect.exit(question)
      if (Exit.isSuccess(exit)) return exit.value
      yield* Effect.logWarning(`${what} could not be read from the chain; asking again. ${messageOf(exit.cause)}`)
      yield* clock.waitUntil((yield* clock.now) + backoffSeconds(failures, periodSeconds))
    }
  })

  const supervise = Effect.gen(function* () {
    // the length of a period is not known yet; this waits 8 seconds between two questions at most
    const { proofs: config } = yield* insist("The constants of the contract", market.config, 64n)
    const periodicity = { seconds: config.period }
    const dutiesOf = yield* makeDuties({ config, proofsAtOnce, report })
    const periodNow = Effect.map(clock.now, (now) => Periodicity.periodOf(periodicity, now))

    const work = Effect.fnUntraced(function* (slotId: SlotId) {
      const duty = dutiesOf(slotId)
      while (slots.has(slotId)) {
        const period = yield* periodNow
        yield* duty(period)
        yield* clock.waitUntil(Periodicity.periodEnd(periodicity, period))
      }
    }, tellOfDefects)

    for (;;) {
      const held = new Set(yield* insist("The slots that this account holds", market.mySlots, config.period))
      for (const slotId of slots.keys()) if (!held.has(slotId)) slots.delete(slotId)
      for (const slotId of held) {
        if (!slots.has(slotId)) slots.set(slotId, unproven(slotId))
        yield* FiberMap.run(workers, slotId, work(slotId), { onlyIfMissing: true })
      }
      yield* clock.waitUntil(Periodicity.periodEnd(periodicity, yield* periodNow))
    }
  })

  yield* Effect.forkScoped(tellOfDefects(supervise))
  return Proving.of({
    status: Effect.sync(() => Array.from(slots.values())),
    outcomes: Stream.fromPubSub(outcomes),
  })
})

const tellOfDefects = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.tapCause(effect, (cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logFatal("A loop that must not end has died.", cause),
  )

const unproven = (slotId: SlotId): SlotStatus => ({
  slotId,
  provenIn: Option.none(),
  misses: 0,
  lastError: Option.none(),
})

const after = (status: SlotStatus, outcome: ProofOutcome): SlotStatus =>
  ProofOutcome.match(outcome, {
    Submitted: ({ period }) => ({ ...status, provenIn: Option.some(period), lastError: Option.none() }),
    AlreadyIn: ({ period }) => ({ ...status, provenIn: Option.some(period), lastError: Option.none() }),
    Failed: ({ detail }) => ({ ...status, lastError: Option.some(detail) }),
    Refused: ({ detail }) => ({ ...status, lastError: Option.some(detail) }),
    Late: () => status,
    Missed: () => ({ ...status, misses: status.misses + 1 }),
  })

const log = (outcome: ProofOutcome): Effect.Effect<void> => {
  const proof = `proof of slot ${outcome.slotId} for period ${outcome.period}`
  return ProofOutcome.match(outcome, {
    Submitted: () => Effect.logInfo(`The ${proof} is in.`),
    AlreadyIn: () => Effect.logInfo(`A ${proof} was in already.`),
    Failed: ({ detail }) => Effect.logWarning(`The ${proof} failed; trying again. ${detail}`),
    Refused: ({ detail }) =>
      Effect.logError(
        `The ${proof} is refused, although it answers the challenge that the slot still has; does this node prove by the scheme that the marketplace verifies? ${detail}`,
      ),
    Late: () => Effect.logWarning(`The ${proof} is not in yet, and the period is nearly over.`),
    Missed: () => Effect.logError(`The ${proof} was missed; missed proofs cost collateral.`),
  })
}
