import { ChainClock } from "@pecia/clock"
import { Periodicity } from "@pecia/contracts-abi"
import { patiently, reasonOf, relentlessly, settled } from "@pecia/machine"
import { Market } from "@pecia/market"
import { Reservations, SlotDemand } from "@pecia/reservations"
import { Effect, Option, type Scope } from "effect"
import { Collateral } from "../Collateral.ts"
import { SaleMachine } from "../SaleMachine.ts"
import type { SaleSlot } from "../SaleSlot.ts"
import { SaleFact, type SaleState, SaleWork } from "../SaleState.ts"
import { SlotStorage } from "../SlotStorage.ts"
import { look } from "./look.ts"
import { pauseSeconds } from "./pauseSeconds.ts"

/** What a sale stands on. */
export type SaleServices = Market | ChainClock | Reservations | SlotStorage | Collateral

/** The pause before a proof is sent again that was refused although its challenge has not moved. */
const secondThought = "5 seconds"

/** The pause before the chain is asked again that does not show a payout yet. */
const lagPause = "5 seconds"

type Outcome<E> = Effect.Effect<SaleFact, E, SaleServices | Scope.Scope>

const declined = ({ message }: { readonly message: string }) => Effect.succeed(SaleFact.Declined({ reason: message }))
const broken = (error: unknown) => Effect.succeed(SaleFact.Broken({ detail: reasonOf(error) }))

/** Does the work of a state; what it sends is `settled`, and it asks the chain before it sends or destroys anything. */
export const perform = (slot: SaleSlot) => {
  const { requestId, request, slotIndex, slotId } = slot
  const name = `slot ${slotIndex} of request ${requestId}`

  /** Goes on only if the chain, asked anew, leaves the sale in its state; otherwise what it says is the outcome. */
  const unlessMoved = <E, R>(state: SaleState, proceed: Effect.Effect<SaleFact, E, R>) =>
    Effect.gen(function* () {
      const fact = SaleFact.ChainSays({ standing: yield* look(slot) })
      return SaleMachine.decide(state, fact) === state ? yield* proceed : fact
    })

  const restore = Effect.gen(function* () {
    const reservations = yield* Reservations
    const standing = yield* look(slot)
    const reserved = Option.isSome(yield* reservations.reservation(slotId))
    return SaleFact.Found({ standing, reserved })
  })

  const reserve = Effect.gen(function* () {
    const market = yield* Market
    const reservations = yield* Reservations
    const collateral = yield* Collateral
    const config = yield* market.config
    const demand = new SlotDemand({
      requestId,
      slotIndex,
      slotId,
      sizeBytes: request.ask.slotSize,
      durationSeconds: request.ask.duration,
      pricePerSecond: request.ask.reward,
      collateral: config.collateral.initialAmount,
      endSeconds: yield* market.requestEnd(requestId),
    })
    yield* collateral.beforeReserving(slotId, reservations.reserve(demand))
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

  const proofOfNow = Effect.gen(function* () {
    const market = yield* Market
    const storage = yield* SlotStorage
    const challenge = yield* market.getChallenge(slotId)
    return { proof: yield* storage.prove(request, slotIndex, challenge), challenge }
  })
  const prove = Effect.map(proofOfNow, SaleFact.Proven)

  /** An earlier host of the slot has proven it in this period already; the contract takes the next proof in the next one. */
  const proofSpent = Effect.gen(function* () {
    const { proofs } = yield* Effect.flatMap(Market, (market) => market.config)
    const now = yield* Effect.flatMap(ChainClock, (clock) => clock.now)
    const periods = { seconds: proofs.period }
    return SaleFact.ProofSpent({ notBefore: Periodicity.periodEnd(periods, Periodicity.periodOf(periods, now)) })
  })

  const hasMoved = (challenge: string) =>
    Effect.flatMap(Market, (market) => Effect.map(market.getChallenge(slotId), (now) => now !== challenge))

  const fill = Effect.fnUntraced(function* (proof: Uint8Array, challenge: string) {
    const market = yield* Market
    const collateral = yield* Collateral
    yield* settled(collateral.cover(slotId))
    if (yield* hasMoved(challenge)) return SaleFact.ProofOutdated()
    yield* settled(market.fillSlot(requestId, slotIndex, proof))
    return SaleFact.Filled()
  })

  /** Why the contract refuses the proof: the challenge has moved, or the proof does not hold, which is a fault of this node. */
  const refused = Effect.fnUntraced(function* (challenge: string) {
    if (yield* hasMoved(challenge)) return SaleFact.ProofOutdated()
    const detail = `The contract refuses the proof of ${name}, although it answers the challenge that the slot still has; does this node prove by the scheme that the marketplace verifies?`
    yield* Effect.logError(detail)
    return SaleFact.ProofRefused({ detail })
  })

  /**
   * A refusal may come from a block that is undone, or the challenge from an Ethereum node that lags behind: before a slot is given
   * up for it, it is proven and sent once more.
   */
  const fillAgain = Effect.fnUntraced(function* (state: SaleState, challenge: string) {
    if (yield* hasMoved(challenge)) return SaleFact.ProofOutdated()
    yield* Effect.logWarning(`The contract refuses the proof of ${name}; it is proven anew in ${secondThought}.`)
    yield* Effect.sleep(secondThought)
    const again = yield* proofOfNow
    return yield* unlessMoved(state, fill(again.proof, again.challenge)).pipe(
      Effect.catchTag("InvalidProof", () => refused(again.challenge)),
    )
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
      Prove: ({ attempt, notBefore }) =>
        Effect.flatMap(ChainClock, (clock) => clock.waitUntil(notBefore)).pipe(
          Effect.andThen(Effect.sleep(`${pauseSeconds(attempt)} seconds`)),
          Effect.andThen(giveUp(patiently(`Proving ${name} failed`, prove))),
        ),
      Fill: ({ proof, challenge }) =>
        patiently(
          `Filling ${name} failed`,
          unlessMoved(state, fill(proof, challenge)).pipe(
            Effect.catchTag("InvalidProof", () => fillAgain(state, challenge)),
            Effect.catchTag("ProofAlreadySubmitted", () => proofSpent),
          ),
          mayPassWhenAskedAnew,
        ).pipe(
          Effect.catchTag("CollateralTooLow", declined),
          giveUp,
          Effect.ensuring(Effect.flatMap(Collateral, (collateral) => collateral.release(slotId))),
        ),
      PayOut: () =>
        relentlessly(
          `The payout of ${name} failed`,
          unlessMoved(state, free(SaleFact.PaidOut())).pipe(
            // The block that was looked at is older than the payout; with a pause, lest it be asked for without end.
            Effect.catchTag("AlreadyPaid", () => Effect.delay(Effect.succeed(SaleFact.PaidOut()), lagPause)),
          ),
        ),
      Leave: () => relentlessly(`Leaving ${name} failed`, unlessMoved(state, free(SaleFact.Left()))),
      Clear: () => relentlessly(`Clearing ${name} failed`, unlessMoved(state, clear)),
    })
}

/** Either the chain has moved on in between, which shows when it is asked anew, or the collateral was slashed and is topped up. */
const mayPassWhenAskedAnew = (error: { readonly _tag: string }) =>
  error._tag === "SlotNotFree" || error._tag === "InsufficientCollateral"
