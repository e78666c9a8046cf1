import type { ChainError } from "@pecia/market"
import { Data, Effect, Random } from "effect"
import type { Outcome } from "./Side.ts"
import { show } from "./show.ts"
import type { View } from "./View.ts"
import { differences } from "./View.ts"

/** How many calls of the contract make a sequence; the time and the blocks that go by in between are not counted. */
const callsPerSequence = 60

/** After so many steps all views are compared; and at the end. */
const stepsPerLook = 6

/** The rules and the contract do not agree. */
export class Mismatch extends Data.TaggedError("Mismatch")<{
  readonly seed: number
  /** The file of the test that shows it, and the name of the terms. */
  readonly test: string
  readonly terms: string
  /** All that was done, the step that shows it last. */
  readonly path: ReadonlyArray<string>
  readonly differences: ReadonlyArray<string>
}> {
  override get message() {
    const { differences, path, seed, terms, test } = this
    return [
      `Memory and EVM differ after step ${path.length} of seed ${seed} ("${terms}"):`,
      ...differences.map((difference) => `  ${difference}`),
      "The last steps:",
      ...path.slice(-25).map((step, place, shown) => `  ${path.length - shown.length + place + 1}. ${step}`),
      `Run it again, in packages/market-evm: SEED=${seed} pnpm exec vitest run test/${test}`,
    ].join("\n")
  }
}

/** What an event tells, as both sides have it. */
type News = ReadonlyArray<{ readonly _tag: string }>

/** One who does steps, and is looked at. */
export interface Player<Step, Happened extends News> {
  readonly perform: (step: Step) => Effect.Effect<Outcome, ChainError>
  readonly news: Effect.Effect<Happened>
  readonly look: Effect.Effect<View, ChainError>
}

export interface Duel<Step, Happened extends News> {
  readonly seed: number
  readonly test: string
  readonly terms: string
  readonly memory: Player<Step, Happened>
  /** Undefined: the rules play alone. */
  readonly evm: Player<Step, Happened> | undefined
  /** What to do next, by what there is in memory. */
  readonly plan: Effect.Effect<ReadonlyArray<Step>, ChainError>
  readonly isCall: (step: Step) => boolean
  readonly showStep: (step: Step) => string
  /** Told of each step in memory, and of each time that views are compared. */
  readonly onStep: (step: Step, outcome: Outcome, news: Happened) => void
  readonly onLook: Effect.Effect<void, ChainError>
}

/** Events as both sides have them: where in the block each stands counts, but not how many logs of the token lie between. */
const whatHappened = (news: News) =>
  news.map((event) => {
    const { logIndex: _, ...rest } = { logIndex: 0, ...event }
    return show(rest)
  })

/** Does a sequence of steps to the rules and to the contract: results, errors, events and views have to be the same. */
export const runDuel = Effect.fnUntraced(function* <Step, Happened extends News>(duel: Duel<Step, Happened>) {
  const { evm, isCall, memory, plan, seed, terms, test } = duel
  const path: Array<string> = []
  const agree = (differences: ReadonlyArray<string>) =>
    differences.length === 0 ? Effect.void : Effect.fail(new Mismatch({ seed, test, terms, path, differences }))
  const same = (what: string, here: unknown, there: unknown) =>
    agree(show(here) === show(there) ? [] : [`the ${what}: ${show(here)} in memory, ${show(there)} on the EVM`])

  const take = Effect.fnUntraced(function* (step: Step) {
    path.push(duel.showStep(step))
    const outcome = yield* memory.perform(step)
    const news = yield* memory.news
    duel.onStep(step, outcome, news)
    if (evm === undefined) return
    yield* same("outcome", outcome, yield* evm.perform(step))
    yield* same("events", whatHappened(news), whatHappened(yield* evm.news))
  })

  const compare = Effect.gen(function* () {
    yield* duel.onLook
    if (evm !== undefined) yield* agree(differences(yield* memory.look, yield* evm.look))
  })

  yield* Effect.gen(function* () {
    yield* compare
    for (let calls = 0; calls < callsPerSequence; ) {
      for (const step of yield* plan) {
        if (calls === callsPerSequence) break
        if (isCall(step)) calls += 1
        yield* take(step)
        if (path.length % stepsPerLook === 0) yield* compare
      }
    }
    yield* compare
  }).pipe(Random.withSeed(seed))
})
