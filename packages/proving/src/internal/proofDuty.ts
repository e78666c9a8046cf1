import { ChainClock } from "@pecia/clock"
import { type MarketplaceConfig, type Period, Periodicity } from "@pecia/contracts-abi"
import { BigInt as BigInts, Cause, Effect, Exit, Option, Semaphore } from "effect"
import type { ProofOutcome } from "../ProofOutcome.ts"
import { ProofSchedule } from "../ProofSchedule.ts"
import type { HeldSlot } from "./provenMarket.ts"

interface DutyOptions {
  readonly config: MarketplaceConfig["proofs"]
  readonly proofsAtOnce: number
  readonly report: (outcome: ProofOutcome) => Effect.Effect<void>
}

/**
 * What an attempt comes to, if it does not fail. `AskAgain`: no proof is due at least until that time (unix seconds). `Refused`: the
 * proof does not hold, although its challenge does.
 */
type Step =
  | { readonly _tag: "AskAgain"; readonly at: bigint }
  | { readonly _tag: "Submitted" | "AlreadyIn" }
  | { readonly _tag: "Refused"; readonly detail: string }

const askAgain = (at: bigint): Step => ({ _tag: "AskAgain", at })

const questionsAtOnce = 16

/**
 * Makes the duty of a slot, and of that the duty of each period: to ask whether a proof is due, as often as the answer can change,
 * and to get it in. A duty does not fail, and ends with its period at the latest, save for a transaction that is in flight by then.
 */
export const makeDuties = Effect.fnUntraced(function* ({ config, proofsAtOnce, report }: DutyOptions) {
  const clock = yield* ChainClock
  const questions = yield* Semaphore.make(questionsAtOnce)
  const proofs = yield* Semaphore.make(proofsAtOnce)

  /** When to ask again; none: a proof is due now. The pointer is asked for first, so that no change is slept through. */
  const demand = Effect.fnUntraced(function* (slot: HeldSlot, end: bigint) {
    const now = yield* clock.now
    const pointer = yield* slot.pointer
    if (yield* slot.isProofRequired) return Option.none()
    const change = now + ProofSchedule.blocksUntilChange(config, pointer)
    const isUpcoming = yield* slot.willProofBeRequired
    if (!isUpcoming || !ProofSchedule.canComeDueTooLate(config, pointer, end - now)) return Option.some(change)
    // By the second half of the period the block of the challenge is old enough, and there is time for the transaction.
    const lastCall = end - BigInts.max(config.period / 2n, 1n)
    return now < lastCall ? Option.some(BigInts.min(change, lastCall)) : Option.none()
  })

  return (slot: HeldSlot) => {
    // What the slot is does not change as long as it is held, so it is asked for once.
    let known: Effect.Success<HeldSlot["answer"]> | undefined

    /** A proof for the challenge that holds when the proof is done. */
    const currentProof = Effect.gen(function* () {
      const answer = known ?? (yield* slot.answer)
      known = answer
      for (;;) {
        const challenge = yield* slot.challenge
        const bytes = yield* proofs.withPermit(answer(challenge))
        if ((yield* slot.challenge) === challenge) return { bytes, challenge }
      }
    })

    const provide = Effect.fnUntraced(function* (end: bigint) {
      const proof = yield* clock.withTimeout(currentProof, end - 1n)
      return yield* slot.submit(proof.bytes).pipe(
        Effect.as<Step>({ _tag: "Submitted" }),
        Effect.catchTags({
          ProofAlreadySubmitted: () => Effect.succeed<Step>({ _tag: "AlreadyIn" }),
          InvalidProof: Effect.fnUntraced(function* ({ message }) {
            const isOutdated = (yield* slot.challenge) !== proof.challenge
            return isOutdated ? askAgain(yield* clock.now) : ({ _tag: "Refused", detail: message } satisfies Step)
          }),
        }),
      )
    })

    const attempt = Effect.fnUntraced(function* (end: bigint, learn: (isDue: boolean) => void) {
      const again = yield* clock.withTimeout(questions.withPermit(demand(slot, end)), end - 1n)
      learn(Option.isNone(again))
      if (Option.isSome(again)) return askAgain(again.value)
      return yield* Effect.catchTag(provide(end), "NotOurs", () =>
        Effect.sync(() => {
          learn(false)
          return askAgain(end)
        }),
      )
    })

    return Effect.fnUntraced(function* (period: Period) {
      const of = { slotId: slot.slotId, period }
      const end = Periodicity.periodEnd({ seconds: config.period }, period)
      let isDue: boolean | undefined // undefined: not known
      let failures = 0n
      let isRefused = false

      const attempts = Effect.gen(function* () {
        for (;;) {
          const now = yield* clock.now
          if (now >= end) return isDue === true ? yield* report({ _tag: "Missed", ...of }) : undefined
          const exit = yield* Effect.exit(
            attempt(end, (answer) => {
              isDue = answer
            }),
          )
          if (Exit.isFailure(exit)) {
            if (isDue === false) isDue = undefined
            yield* report({ _tag: "Failed", ...of, detail: messageOf(exit.cause) })
            yield* clock.waitUntil(BigInts.min(now + backoffSeconds(failures++, config.period), end))
          } else if (exit.value._tag === "AskAgain") {
            failures = 0n
            yield* clock.waitUntil(BigInts.min(exit.value.at, end))
          } else if (exit.value._tag === "Refused") {
            if (!isRefused) yield* report({ ...exit.value, ...of })
            isRefused = true
            yield* clock.waitUntil(BigInts.min(now + BigInts.max(config.period / 8n, 1n), end))
          } else return yield* report({ _tag: exit.value._tag, ...of })
        }
      })

      const alarm = Effect.andThen(
        clock.waitUntil(end - BigInts.max(config.period / 4n, 1n)),
        Effect.suspend(() => (isDue === false ? Effect.void : report({ _tag: "Late", ...of }))),
      )
      yield* Effect.raceFirst(attempts, Effect.andThen(alarm, Effect.never))
    })
  }
})

/** 1, 2, 4 ... seconds of the chain, but so that a period has room for several attempts. */
export const backoffSeconds = (failures: bigint, periodSeconds: bigint): bigint =>
  BigInts.min(2n ** BigInts.min(failures, 16n), BigInts.max(periodSeconds / 8n, 1n))

export const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
