import { assert } from "@effect/vitest"
import { OfferId, Periodicity, type SlotId, StorageRequest, slotId } from "@pecia/contracts-abi"
import { InvalidProof, MemoryChain } from "@pecia/market"
import { Effect, Exit, Layer, Scope, Stream } from "effect"
import { type CannotProve, ProofSchedule, Prover } from "../src/index.ts"
import { contractsBed } from "./contractsBed.ts"
import { type Bed, type BedOptions, configWith, Hosting, Loop, type Mined, type ProofCalls } from "./hosting.ts"
import { marketplaceBed } from "./marketplaceBed.ts"

/** The two services, which do the same on their markets. */
export const sides: ReadonlyArray<{ readonly name: string; readonly bed: (options: BedOptions) => Bed }> = [
  { name: "Proving", bed: marketplaceBed },
  { name: "ContractProving", bed: contractsBed },
]

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
  assert.strictEqual(yield* (yield* Hosting).calls.getPointer(slotId), pointer)
})

/** What stands for a proof of a challenge. */
export const proofOf = (challenge: string) => Uint8Array.from(Buffer.from(challenge.slice(2), "hex"))

/** A prover that a test can take apart. */
export const proverOf = (prove: (slotId: SlotId, challenge: string) => Effect.Effect<Uint8Array, CannotProve>) =>
  Prover.of({
    prove: (request, index, challenge) => prove(slotId(StorageRequest.id(request), index), challenge),
    proveContract: (_request, offerId, challenge) => prove(OfferId.slotId(offerId), challenge),
  })
export const proverWith = (...[prove]: Parameters<typeof proverOf>) => Layer.succeed(Prover, proverOf(prove))

/** A prover whose proofs `verifying` takes. */
export const honest = proverWith((_slotId, challenge) => Effect.succeed(proofOf(challenge)))

/** The market of a contract that verifies: a proof has to answer the challenge that the slot has when it comes. */
export const verifying = <E>(calls: ProofCalls<E>) => ({
  ...calls,
  submitProof: Effect.fnUntraced(function* (slotId: SlotId, proof: Uint8Array) {
    const challenge = yield* calls.getChallenge(slotId)
    if (Buffer.compare(proof, proofOf(challenge)) !== 0) return yield* new InvalidProof({ slotId })
    return yield* calls.submitProof(slotId, proof)
  }),
})

/** Collects the proofs that are mined from now on, each with the period of its block. */
export const watchedProofs = Effect.gen(function* () {
  const chain = yield* MemoryChain
  const proofs: Array<Mined & { readonly period: bigint }> = []
  const note = Effect.fnUntraced(
    function* (mined: Mined) {
      proofs.push({ ...mined, period: yield* periodNow })
    },
    Effect.provideService(MemoryChain, chain),
  )
  yield* (yield* Hosting).eachProof(note).pipe(Effect.forkScoped({ startImmediately: true }))
  return proofs
})

/** Collects what the loop reports from now on. */
export const watchedOutcomes = Effect.gen(function* () {
  const { outcomes } = yield* Loop
  const seen: Array<string> = []
  yield* outcomes.pipe(
    Stream.runForEach(({ _tag, period }) => Effect.sync(() => void seen.push(`${_tag} ${period}`))),
    Effect.forkScoped({ startImmediately: true }),
  )
  return seen
})

// Always out of the downtime, and at probability 1 a proof is due in every period.
export const config = configWith({ period: 20n, timeout: 5n, downtime: 0n })

/** The loop on a bed, for as long as the test lasts. */
export const withLoop = <R>(bed: Layer.Layer<Hosting | R>): Layer.Layer<Hosting | Loop | R> =>
  Layer.provideMerge(Layer.unwrap(Effect.map(Hosting, ({ loop }) => loop)), bed)

/** The loop in a scope that the test closes. */
export const startLoop = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(Layer.fresh((yield* Hosting).loop), scope)
  yield* settled
  return { stop: Scope.close(scope, Exit.void) }
})

export const held = (...terms: Parameters<Hosting["Service"]["hold"]>) =>
  Effect.flatMap(Hosting, (hosting) => hosting.hold(...terms))

export const statusOf = Effect.fnUntraced(function* (slotId: SlotId | undefined) {
  const found = (yield* (yield* Loop).status).find((status) => status.slotId === slotId)
  return found ?? assert.fail(`no status of ${slotId}`)
})

export const bytes = Uint8Array.of(1, 2, 3)
