import { ChainClock } from "@pecia/clock"
import { Periodicity, type SlotId } from "@pecia/contracts-abi"
import { BigInt as BigInts, Cause, Effect, Exit, FiberMap, Option, PubSub, Stream } from "effect"
import { ProofOutcome } from "../ProofOutcome.ts"
import type { SlotStatus } from "../SlotStatus.ts"
import { backoffSeconds, makeDuties, messageOf } from "./proofDuty.ts"
import type { HeldSlot, ProvenMarket } from "./provenMarket.ts"

/** Sees to it that the proofs of the slots held on a market are in on time, as long as its scope is open. */
export const makeProving = Effect.fnUntraced(function* (market: ProvenMarket, proofsAtOnce: number) {
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

    const work = Effect.fnUntraced(function* (slot: HeldSlot) {
      const duty = dutiesOf(slot)
      while (slots.has(slot.slotId)) {
        const period = yield* periodNow
        yield* duty(period)
        yield* clock.waitUntil(Periodicity.periodEnd(periodicity, period))
      }
    }, tellOfDefects)

    for (;;) {
      const held = yield* insist("The slots that this account holds", market.heldSlots, config.period)
      const ids = new Set(held.map(({ slotId }) => slotId))
      for (const slotId of slots.keys()) if (!ids.has(slotId)) slots.delete(slotId)
      for (const slot of held) {
        if (!slots.has(slot.slotId)) slots.set(slot.slotId, unproven(slot.slotId))
        yield* FiberMap.run(workers, slot.slotId, work(slot), { onlyIfMissing: true })
      }
      const now = yield* clock.now
      const nextLook = now + BigInts.max(config.period / market.looksPerPeriod, 1n)
      const end = Periodicity.periodEnd(periodicity, Periodicity.periodOf(periodicity, now))
      yield* clock.waitUntil(BigInts.min(nextLook, end))
    }
  })

  yield* Effect.forkScoped(tellOfDefects(supervise))
  return {
    status: Effect.sync(() => Array.from(slots.values())),
    outcomes: Stream.fromPubSub(outcomes),
  }
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
        `The ${proof} is refused, although it answers the challenge that the slot still has; does this node prove by the scheme that the contract verifies? ${detail}`,
      ),
    Late: () => Effect.logWarning(`The ${proof} is not in yet, and the period is nearly over.`),
    Missed: () => Effect.logError(`The ${proof} was missed; missed proofs cost collateral.`),
  })
}
