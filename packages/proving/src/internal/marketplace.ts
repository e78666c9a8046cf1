import type { SlotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Effect } from "effect"
import { Prover } from "../Prover.ts"
import { type HeldSlot, NotOurs, type ProvenMarket } from "./provenMarket.ts"

/** The marketplace, whose slots the chain lists: a slot that is filled in a period owes no proof before the next. */
export const marketplace = Effect.gen(function* () {
  const market = yield* Market
  const prover = yield* Prover

  const heldSlot = (slotId: SlotId): HeldSlot => ({
    slotId,
    pointer: market.getPointer(slotId),
    challenge: market.getChallenge(slotId),
    isProofRequired: market.isProofRequired(slotId),
    willProofBeRequired: market.willProofBeRequired(slotId),
    answer: Effect.flatMap(market.getActiveSlot(slotId), (slot) =>
      Effect.fromOption(slot).pipe(
        Effect.mapError(() => new NotOurs()),
        Effect.map(
          ({ request, slotIndex }) =>
            (challenge) =>
              prover.prove(request, slotIndex, challenge),
        ),
      ),
    ),
    submit: (proof) =>
      Effect.catchTag(market.submitProof(slotId, proof), ["SlotIsFree", "SlotFilledByOtherHost"], () =>
        Effect.fail(new NotOurs()),
      ),
  })

  return {
    config: market.config,
    heldSlots: Effect.map(market.mySlots, (slotIds) => slotIds.map(heldSlot)),
    looksPerPeriod: 1n,
  } satisfies ProvenMarket
})
