import { ChainClock } from "@pecia/clock"
import { type MarketplaceConfig, type Period, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { BigInt as BigInts, Cause, Effect, Exit, Option, Semaphore } from "effect"
import type { ProofOutcome } from "../ProofOutcome.ts"
import { ProofSchedule } from "../ProofSchedule.ts"
import { Prover } from "../Prover.ts"

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
  const market = yield* Market
  const clock = yield* ChainClock
  const prover = yield* Prover
  const questions = yield* Semaphore.make(questionsAtOnce)
  const proofs = yield* Semaphore.make(proofsAtOnce)

  /** When to ask again; none: a proof is due now. The pointer is asked for first, so that no change is slept through. */
  const demand = Effect.fnUntraced(function* (slotId: SlotId, end: bigint) {
    const now = yield* clock.now
    const pointer = yield* market.getPointer(slotId)
    if (yield* market.isProofRequired(slotId)) return Option.none()
    const change = now + ProofSchedule.blocksUntilChange(config, pointer)
    const isUpcoming = yield* market.willProofBeRequired(slotId)
    if (!isUpcoming || !ProofSchedule.canComeDueTooLate(config, pointer, end - now)) return Option.some(change)
    // By the second half of the period the block of the challenge is old enough, and there is time for the transaction.
    const lastCall = end - BigInts.max(config.period / 2n, 1n)
    return now < lastCall ? Option.some(BigInts.min(change, lastCall)) : Option.none()
  })

  return (slotId: SlotId) => {
    // What the slot is does not change as long as it is held, so it is asked for once.
    let known: Effect.Success<ReturnType<Market["Service"]["getActiveSlot"]>> = Option.none()

    /** A proof for the challenge that holds when the proof is done; none: the slot was freed. */
    const currentProof = Effect.gen(function* () {
      if (Option.isNone(known)) known = yield* market.getActiveSlot(slotId)
      if (Option.isNone(known)) return Option.none()
      const { request, slotIndex } = known.value
      for (;;) {
        const challenge = yield* market.getChallenge(slotId)
        const bytes = yield* proofs.withPermit(prover.prove(request, slotIndex, challenge))
        if ((yield* market.getChallenge(slotId)) === challenge) return Option.some({ bytes, challenge })
      }
    })

    const attempt = Effect.fnUntraced(function* (end: bigint, learn: (isDue: boolean) => void) {
      const again = yield* clock.withTimeout(questions.withPermit(demand(slotId, end)), end - 1n)
      learn(Option.isNone(again))
      if (Option.isSome(again)) return askAgain(again.value)
      const notOurs = Effect.sync(() => {
        learn(false)
        return askAgain(end)
      })
      const proof = yield* clock.withTimeout(currentProof, end - 1n)
      if (Option.isNone(proof)) return yield* notOurs
      return yield* market.submitProof(slotId, proof.value.bytes).pipe(
        Effect.as<Step>({ _tag: "Submitted" }),
        Effect.catchTags({
          ProofAlreadySubmitted: () => Effect.succeed<Step>({ _tag: "AlreadyIn" }),
          SlotIsFree: () => notOurs,
          SlotFilledByOtherHost: () => notOurs,
          InvalidProof: Effect.fnUntraced(function* ({ message }) {
            const isOutdated = (yield* market.getChallenge(slotId)) !== proof.value.challenge
            return isOutdated ? askAgain(yield* clock.now) : ({ _tag: "Refused", detail: message } satisfies Step)
          }),
        }),
      )
    })

    return Effect.fnUntraced(function* (period: Period) {
      const of = { slotId, period }
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
