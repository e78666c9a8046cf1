import { type RequestId, StorageRequest } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { runDuel } from "./Duel.ts"
import { drawPlan } from "./drawPlan.ts"
import { strangeRequest, strangeSlot } from "./drawStray.ts"
import { type MemorySideOptions, memorySide } from "./MemorySide.ts"
import { beginning, opening } from "./opening.ts"
import { sceneOf, slotIdsOf } from "./Scene.ts"
import { perform, type Side } from "./Side.ts"
import { isCall, type Step, showStep } from "./Step.ts"
import type { Tally } from "./Tally.ts"
import { accounts, type Terms } from "./Terms.ts"
import { look } from "./View.ts"

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
  const scene = within(Effect.orDie(Effect.suspend(() => sceneOf(memory, terms, requests))))
  /** What the views tell of what is known of in memory. */
  const lookAt = (side: Side) =>
    Effect.flatMap(scene, (known) => {
      const slots = [strangeSlot, ...known.requests.flatMap(({ id, request }) => slotIdsOf(id, request))]
      return look(side, [strangeRequest, ...requests], slots)
    })
  const playerOf = (side: Side) => ({
    perform: (step: Step) => perform(side, step),
    news: side.news,
    look: lookAt(side),
  })
  const rules = playerOf(memory)

  yield* runDuel({
    seed,
    test: "Differential.evm.test.ts",
    terms: terms.name,
    memory: { ...rules, perform: (step) => within(rules.perform(step)), look: within(rules.look) },
    evm: evm && playerOf(evm.side),
    plan: Effect.flatMap(scene, drawPlan),
    isCall,
    showStep,
    onStep: (step, outcome, news) => {
      tally.call(step, outcome, news)
      if (step._tag === "requestStorage" && outcome.kind === "ok") requests.push(StorageRequest.id(step.request))
    },
    onLook: Effect.map(scene, (known) => tally.scene(known)),
  })
}, Effect.scoped)
