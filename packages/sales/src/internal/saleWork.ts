import { ChainClock } from "@pecia/clock"
import { Periodicity } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Reservations, SlotDemand } from "@pecia/reservations"
import { Effect, Option, type Scope } from "effect"
import { Collateral } from "../Collateral.ts"
import { SaleMachine, tooLate } from "../SaleMachine.ts"
import type { SaleSlot } from "../SaleSlot.ts"
import { SaleFact, type SaleState, SaleWork } from "../SaleState.ts"
import { SlotStorage } from "../SlotStorage.ts"
import { type LeaveSeconds, look } from "./look.ts"
import { patiently, reasonOf, relentlessly } from "./retrying.ts"
import { settled } from "./settled.ts"

/** What a sale stands on. */
export type SaleServices = Market | ChainClock | Reservations | SlotStorage | Collateral

type Outcome<E> = Effect.Effect<SaleFact, E, SaleServices | Scope.Scope>

const declined = ({ message }: { readonly message: string }) => Effect.succeed(SaleFact.Declined({ reason: message }))
const broken = (error: unknown) => Effect.succeed(SaleFact.Broken({ detail: reasonOf(error) }))

/** Does the work of a state; what it sends is `settled`, and it asks the chain before it sends or destroys anything. */
export const perform = (slot: SaleSlot, leaveSeconds: LeaveSeconds) => {
  const { requestId, request, slotIndex, slotId } = slot
  const name = `slot ${slotIndex} of request ${requestId}`

  /** Goes on only if the chain, asked anew, leaves the sale in its state; otherwise what it says is the outcome. */
  const unlessMoved = <E, R>(state: SaleState, proceed: Effect.Effect<SaleFact, E, R>) =>
    Effect.gen(function* () {
      const standing = yield* look(slot, leaveSeconds)
      const fact = SaleFact.ChainSays({ standing })
      if (SaleMachine.decide(state, fact) !== state) return fact
      return standing._tag === "Open" && standing.closing && state._tag === "Filling"
        ? SaleFact.Declined({ reason: tooLate })
        : yield* proceed
    })

  const restore = Effect.gen(function* () {
    const reservations = yield* Reservations
    const standing = yield* look(slot, leaveSeconds)
    const reserved = Option.isSome(yield* reservations.reservation(slotId))
    return SaleFact.Found({ standing, reserved })
  })

  const reserve = Effect.gen(function* () {
    const market = yield* Market
    const reservations = yield* Reservations
    const collateral = yield* Collateral
    yield* collateral.check
    const config = yield* market.config
    yield* reservations.reserve(
      new SlotDemand({
        requestId,
        slotIndex,
        slotId,
        sizeBytes: request.ask.slotSize,
        durationSeconds: request.ask.duration,
        pricePerSecond: request.ask.reward,
        collateral: config.collateral.initialAmount,
        endSeconds: yield* market.requestEnd(requestId),
      }),
    )
    return SaleFact.Reserved()
  }).pipe(
    Effect.catchTag("AlreadyReserved", () => Effect.succeed(SaleFact.Reserved())),
    Effect.catchTag(["NoMatch", "CollateralTooLow"], declined),
  )

  const store = Effect.gen(function* () {
    const storage = yield* SlotStorage
    yield* storage.store(request, slotIndex)
    return SaleFact.Stored()
  })

  const prove = Effect.fnUntraced(function* (notBefore: bigint) {
    const market = yield* Market
    const storage = yield* SlotStorage
    const clock = yield* ChainClock
    yield* clock.waitUntil(notBefore)
    const challenge = yield* market.getChallenge(slotId)
    return SaleFact.Proven({ proof: yield* storage.prove(request, slotIndex, challenge) })
  })

  /** Somebody has proven the slot in this period already; the contract takes the next proof in the next one. */
  const proofSpent = Effect.gen(function* () {
    const { proofs } = yield* Effect.flatMap(Market, (market) => market.config)
    const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
    const periods = { seconds: proofs.period }
    return SaleFact.ProofSpent({ notBefore: Periodicity.periodEnd(periods, Periodicity.periodOf(periods, now)) })
  })

  const fill = Effect.fnUntraced(function* (proof: Uint8Array) {
    const market = yield* Market
    const collateral = yield* Collateral
    yield* settled(collateral.ensure)
    yield* settled(market.fillSlot(requestId, slotIndex, proof))
    return SaleFact.Filled()
  })

  const free = (fact: SaleFact) =>
    Effect.gen(function* () {
      const market = yield* Market
      yield* settled(market.freeSlot(slotId))
      return fact
    })

  const clear = Effect.gen(function* () {
    const storage = yield* SlotStorage
    const reservations = yield* Reservations
    yield* storage.clear(slotId)
    yield* reservations.giveBack(slotId)
    return SaleFact.Cleared()
  })

  const giveUp = <E>(outcome: Outcome<E>) => outcome.pipe(Effect.catch(broken), Effect.catchDefect(broken))

  return (work: SaleWork, state: SaleState): Outcome<never> =>
    SaleWork.$match(work, {
      Restore: () => relentlessly(`Restoring ${name} failed`, restore),
      Reserve: () => giveUp(patiently(`Reserving space for ${name} failed`, reserve)),
      Store: () => giveUp(patiently(`Storing ${name} failed`, store)),
      Prove: ({ notBefore }) => giveUp(patiently(`Proving ${name} failed`, prove(notBefore))),
      Fill: ({ proof }) =>
        patiently(`Filling ${name} failed`, unlessMoved(state, fill(proof)), mayPassWhenAskedAnew).pipe(
          Effect.catchTags({
            CollateralTooLow: declined,
            InvalidProof: ({ message }) => Effect.succeed(SaleFact.ProofRefused({ detail: message })),
            ProofAlreadySubmitted: () => proofSpent,
          }),
          giveUp,
        ),
      PayOut: () =>
        relentlessly(
          `The payout of ${name} failed`,
          unlessMoved(state, free(SaleFact.PaidOut())).pipe(
            Effect.catchTag("AlreadyPaid", () => Effect.succeed(SaleFact.PaidOut())),
          ),
        ),
      Leave: () => relentlessly(`Leaving ${name} failed`, unlessMoved(state, free(SaleFact.Left()))),
      Clear: () => relentlessly(`Clearing ${name} failed`, unlessMoved(state, clear)),
    })
}

/** Either the chain has moved on in between, which shows when it is asked anew, or the collateral was slashed and is topped up. */
const mayPassWhenAskedAnew = (error: { readonly _tag: string }) =>
  error._tag === "SlotNotFree" || error._tag === "InsufficientCollateral"
