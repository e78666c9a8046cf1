import { assert } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { type MarketplaceConfig, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { InvalidProof, Market, type MarketEvent, MemoryChain, MemoryMarket } from "@pecia/market"
import { Effect, Exit, Layer, Scope, Stream } from "effect"
import { ProofSchedule, Prover, Proving } from "../src/index.ts"
import { configWith } from "./hosting.ts"

/** A market on a chain in memory, and its clock; a `Prover` and a change to the market as the test wants them. */
export const bed = (options: {
  readonly config?: MarketplaceConfig
  readonly prover?: Layer.Layer<Prover, never, Market | ChainClock | MemoryChain>
  readonly through?: (market: Market["Service"]) => Effect.Effect<Market["Service"], never, ChainClock | MemoryChain>
}) => {
  const memory = MemoryMarket.layerTest({ tokens: 1_000n, ...(options.config && { config: options.config }) })
  const clock = Layer.unwrap(Effect.map(MemoryChain, (chain) => ChainClock.layerBlocks(chain.blocks)))
  const through = Layer.effect(
    Market,
    Effect.gen(function* () {
      const market = yield* Market
      return options.through === undefined ? market : yield* options.through(market)
    }),
  )
  const chain = Layer.provideMerge(clock, memory)
  return (options.prover ?? Prover.layerConstant()).pipe(Layer.provideMerge(Layer.provideMerge(through, chain)))
}

/** Lets everybody run who can. Nothing on a chain in memory takes time. */
export const settled = Effect.repeat(Effect.yieldNow, { times: 25 })

/** Mines a block a second, for so many seconds; after each everybody runs. */
export const seconds = Effect.fnUntraced(function* (count: bigint) {
  const chain = yield* MemoryChain
  for (let i = 0n; i < count; i++) {
    yield* chain.advanceTo((yield* chain.now) + 1n)
    yield* settled
  }
})

/** The period of the chain, as the loop sees it. */
export const periodNow = Effect.gen(function* () {
  const chain = yield* MemoryChain
  return Periodicity.periodOf({ seconds: chain.config.proofs.period }, (yield* chain.head).timestamp)
})

/** Goes on, second by second, to the first second of the next period. */
export const nextPeriod = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const end = Periodicity.periodEnd({ seconds: chain.config.proofs.period }, yield* periodNow)
  yield* seconds(end - (yield* chain.head).timestamp)
})

/** Goes on to the first second of the next period, with as many blocks in between as bring the slot's pointer there. */
export const nextPeriodWith = Effect.fnUntraced(function* (slotId: SlotId, pointer: bigint) {
  const chain = yield* MemoryChain
  yield* nextPeriod
  const first = (yield* chain.head).number + chain.config.proofs.period + 1n
  const wouldBe = ProofSchedule.pointer(slotId, (yield* periodNow) + 1n, first)
  yield* chain.mine((256n + pointer - wouldBe) % 256n)
  yield* nextPeriod
  assert.strictEqual(yield* (yield* Market).getPointer(slotId), pointer)
})

/** What stands for a proof of a challenge. */
export const proofOf = (challenge: string) => Uint8Array.from(Buffer.from(challenge.slice(2), "hex"))

/** A prover whose proofs `verifying` takes. */
export const honest = Layer.succeed(
  Prover,
  Prover.of({
    prove: (_request, _slotIndex, challenge) => Effect.succeed(proofOf(challenge)),
    proveContract: (_request, _offerId, challenge) => Effect.succeed(proofOf(challenge)),
  }),
)

/** The market of a contract that verifies: a proof has to answer the challenge that the slot has when it comes. */
export const verifying = (market: Market["Service"]): Market["Service"] =>
  Market.of({
    ...market,
    submitProof: Effect.fnUntraced(function* (slotId, proof) {
      const challenge = yield* market.getChallenge(slotId)
      if (Buffer.compare(proof, proofOf(challenge)) !== 0) return yield* new InvalidProof({ slotId })
      return yield* market.submitProof(slotId, proof)
    }),
  })

type ProofSubmitted = Extract<MarketEvent, { readonly _tag: "ProofSubmitted" }>

/** Collects the proofs that are mined from now on, each with the period of its block. */
export const watchedProofs = Effect.gen(function* () {
  const market = yield* Market
  const proofs: Array<ProofSubmitted & { readonly period: bigint }> = []
  yield* market.events().pipe(
    Stream.runForEach((event) =>
      event._tag === "ProofSubmitted"
        ? Effect.map(periodNow, (period) => void proofs.push({ ...event, period }))
        : Effect.void,
    ),
    Effect.forkScoped({ startImmediately: true }),
  )
  return proofs
})

/** Collects what `Proving` reports from now on. */
export const watchedOutcomes = Effect.gen(function* () {
  const { outcomes } = yield* Proving
  const seen: Array<string> = []
  yield* outcomes.pipe(
    Stream.runForEach(({ _tag, period }) => Effect.sync(() => void seen.push(`${_tag} ${period}`))),
    Effect.forkScoped({ startImmediately: true }),
  )
  return seen
})

// Always out of the downtime, and at probability 1 a proof is due in every period.
export const config = configWith({ period: 20n, timeout: 5n, downtime: 0n })

/** The loop on the bed, for as long as the test lasts. */
export const withProving = (options: Parameters<typeof bed>[0] = {}) =>
  Layer.provideMerge(Proving.layer(), bed({ config, ...options }))

/** The loop in a scope that the test closes. */
export const startProving = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(Layer.fresh(Proving.layer()), scope)
  yield* settled
  return { stop: Scope.close(scope, Exit.void) }
})

export const statusOf = Effect.fnUntraced(function* (slotId: SlotId | undefined) {
  const found = (yield* (yield* Proving).status).find((status) => status.slotId === slotId)
  return found ?? assert.fail(`no status of ${slotId}`)
})

/** A prover that a test can take apart. */
export const proverWith = (prove: Prover["Service"]["prove"]) =>
  Layer.succeed(Prover, Prover.of({ prove, proveContract: () => Effect.die("no contract") }))
export const bytes = Uint8Array.of(1, 2, 3)
