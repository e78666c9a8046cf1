import { type RequestId, StorageRequest } from "@pecia/contracts-abi"
import type { MarketEvent } from "@pecia/market"
import { Data, Effect, Random } from "effect"
import { drawPlan } from "./drawPlan.ts"
import { strangeRequest, strangeSlot } from "./drawStray.ts"
import { type MemorySideOptions, memorySide } from "./MemorySide.ts"
import { beginning, opening } from "./opening.ts"
import { sceneOf, slotIdsOf } from "./Scene.ts"
import { perform, type Side } from "./Side.ts"
import { isCall, type Step, showStep } from "./Step.ts"
import { show } from "./show.ts"
import type { Tally } from "./Tally.ts"
import { accounts, type Terms } from "./Terms.ts"
import { differences, look } from "./View.ts"

/** How many calls of the contract make a sequence; the time and the blocks that go by in between are not counted. */
const callsPerSequence = 60

/** After so many steps all views are compared; and at the end. */
const stepsPerLook = 6

/** The rules and the contract do not agree. */
export class Mismatch extends Data.TaggedError("Mismatch")<{
  readonly seed: number
  readonly terms: Terms
  /** All that was done, the step that shows it last. */
  readonly path: ReadonlyArray<Step>
  readonly differences: ReadonlyArray<string>
}> {
  override get message() {
    const { differences, path, seed, terms } = this
    return [
      `Memory and EVM differ after step ${path.length} of seed ${seed} ("${terms.name}"):`,
      ...differences.map((difference) => `  ${difference}`),
      "The last steps:",
      ...path.slice(-25).map((step, place, shown) => `  ${path.length - shown.length + place + 1}. ${showStep(step)}`),
      `Run it again, in packages/market-evm: SEED=${seed} pnpm exec vitest run test/Differential.evm.test.ts`,
    ].join("\n")
  }
}

/** Events as both sides have them: where in the block each stands counts, but not how many logs of the token lie between. */
const whatHappened = (news: ReadonlyArray<MarketEvent>) =>
  news.map((event) => {
    if (event._tag === "ChainReorganised") return show(event)
    const { logIndex: _, ...rest } = event
    return show(rest)
  })

/** The chain of the rules, where the other one stands after its opening. */
const begin = Effect.fnUntraced(function* (terms: Terms, evm: Opponent | undefined) {
  const blockHash = evm === undefined ? {} : { blockHash: evm.blockHash }
  const options: MemorySideOptions = { config: terms.config, options: terms.options, accounts, ...blockHash }
  const { side, within } = yield* memorySide(options)
  yield* within(
    Effect.gen(function* () {
      for (const step of opening(terms)) yield* perform(side, step)
      const height = evm === undefined ? 600n : (yield* evm.side.head).number
      yield* side.mine(height - (yield* side.head).number - 1n)
      yield* side.advanceTo(beginning)
    }),
  )
  return { side, within }
})

/** The contract on a chain, and the hashes of its blocks. */
export interface Opponent {
  readonly side: Side
  readonly blockHash: (number: bigint) => bigint
}

/** Draws a sequence and does it to the rules, and to the contract if there is one; tallies what came of it. */
export const runSequence = Effect.fnUntraced(function* (
  seed: number,
  terms: Terms,
  tally: Tally,
  evm: Opponent | undefined,
) {
  const { side: memory, within } = yield* begin(terms, evm)
  const requests: Array<RequestId> = []
  const path: Array<Step> = []
  const agree = (differences: ReadonlyArray<string>) =>
    differences.length === 0 ? Effect.void : Effect.fail(new Mismatch({ seed, terms, path, differences }))

  const take = Effect.fnUntraced(function* (step: Step) {
    path.push(step)
    const outcome = yield* within(perform(memory, step))
    const news = yield* memory.news
    tally.call(step, outcome, news)
    if (step._tag === "requestStorage" && outcome.kind === "ok") requests.push(StorageRequest.id(step.request))
    if (evm === undefined) return
    const other = yield* perform(evm.side, step)
    yield* agree(
      show(outcome) === show(other) ? [] : [`the outcome: ${show(outcome)} in memory, ${show(other)} on the EVM`],
    )
    const [here, there] = [whatHappened(news), whatHappened(yield* evm.side.news)]
    yield* agree(show(here) === show(there) ? [] : [`the events: ${show(here)} in memory, ${show(there)} on the EVM`])
  })

  const compare = Effect.gen(function* () {
    const known = yield* within(sceneOf(memory, terms, requests))
    tally.scene(known)
    if (evm === undefined) return
    const slots = [strangeSlot, ...known.requests.flatMap(({ id, request }) => slotIdsOf(id, request))]
    const ids = [strangeRequest, ...requests]
    yield* agree(differences(yield* within(look(memory, ids, slots)), yield* look(evm.side, ids, slots)))
  })

  yield* Effect.gen(function* () {
    yield* compare
    for (let calls = 0; calls < callsPerSequence; ) {
      for (const step of yield* drawPlan(yield* within(sceneOf(memory, terms, requests)))) {
        if (calls === callsPerSequence) break
        if (isCall(step)) calls += 1
        yield* take(step)
        if (path.length % stepsPerLook === 0) yield* compare
      }
    }
    yield* compare
  }).pipe(Random.withSeed(seed))
}, Effect.scoped)
