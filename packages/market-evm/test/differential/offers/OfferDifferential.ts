import { Offer, type OfferId, OpenRequest, type RequestId } from "@pecia/contracts-abi"
import { Context, Effect, Layer } from "effect"
import { layerAnvil, makeArena } from "../Arena.ts"
import { runDuel } from "../Duel.ts"
import type { MemorySideOptions } from "../MemorySide.ts"
import { beginning, opening } from "../opening.ts"
import { offerSeeds, runAll } from "../seeds.ts"
import { accounts, allTerms, type Terms } from "../Terms.ts"
import { drawOfferPlan, strangeOffer, strangeRequest } from "./drawOfferPlan.ts"
import { sceneOf } from "./OfferScene.ts"
import { type OfferSide, offerEvmSide, offerMemorySide, perform } from "./OfferSide.ts"
import { isCall, type OfferStep, showStep } from "./OfferStep.ts"
import type { OfferTally } from "./OfferTally.ts"
import { look } from "./OfferView.ts"

/** An offer market has no test build. */
export const offerTerms: ReadonlyArray<Terms> = allTerms.map((terms) => ({ ...terms, contract: "Marketplace" }))

/** The contract on a chain, and the hashes of its blocks. */
interface Opponent {
  readonly side: OfferSide
  readonly blockHash: (number: bigint) => bigint
}

/** The chain of the rules, where the other one stands after its opening. */
const begin = Effect.fnUntraced(function* (terms: Terms, evm: Opponent | undefined) {
  const blockHash = evm === undefined ? {} : { blockHash: evm.blockHash }
  const options: MemorySideOptions = { config: terms.config, options: terms.options, accounts, ...blockHash }
  const { side, within } = yield* offerMemorySide(options)
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

/** Draws a sequence and does it to the rules, and to the contract if there is one; tallies what came of it. */
export const runOfferSequence = Effect.fnUntraced(function* (
  seed: number,
  terms: Terms,
  tally: OfferTally,
  evm: Opponent | undefined,
) {
  const { side: memory, within } = yield* begin(terms, evm)
  const requests: Array<RequestId> = []
  const offers: Array<OfferId> = []
  const scene = within(Effect.suspend(() => sceneOf(memory, terms, requests, offers)))
  const playerOf = (side: OfferSide) => ({
    perform: (step: OfferStep) => perform(side, step),
    news: side.news,
    look: Effect.suspend(() => look(side, [strangeRequest, ...requests], [strangeOffer, ...offers])),
  })
  const rules = playerOf(memory)

  yield* runDuel({
    seed,
    test: "OfferDifferential.evm.test.ts",
    terms: terms.name,
    memory: { ...rules, perform: (step) => within(rules.perform(step)), look: within(rules.look) },
    evm: evm && playerOf(evm.side),
    plan: Effect.flatMap(scene, drawOfferPlan),
    isCall,
    showStep,
    onStep: (step, outcome, news) => {
      tally.call(step, outcome, news)
      if (outcome.kind !== "ok") return
      if (step._tag === "requestStorage") requests.push(OpenRequest.id(step.request))
      if (step._tag === "offerStorage") offers.push(Offer.id(step.offer))
    },
    onLook: Effect.map(scene, (known) => tally.scene(known)),
  })
}, Effect.scoped)

const make = (terms: Terms) =>
  makeArena(
    terms,
    (deployment, hashes) => offerEvmSide(deployment, accounts, hashes),
    (side) => Effect.forEach(opening(terms), (step) => perform(side, step), { discard: true }),
  )

/** An offer market on an anvil of its own, on which one sequence after the other is run. */
export class OfferArena extends Context.Service<OfferArena, Effect.Success<ReturnType<typeof make>>>()(
  "@pecia/market-evm/test/differential/OfferArena",
) {
  static readonly layer = (terms: Terms) =>
    Layer.effect(OfferArena, make(terms)).pipe(Layer.provide(layerAnvil), Layer.orDie)
}

/** Runs one sequence after the other on both offer markets. */
export const runOfferSeeds = Effect.fnUntraced(function* (seeds: ReadonlyArray<number>, tally: OfferTally) {
  const arena = yield* OfferArena
  yield* runAll(seeds, offerSeeds, (seed) =>
    Effect.andThen(arena.clear, runOfferSequence(seed, arena.terms, tally, arena)),
  )
})
