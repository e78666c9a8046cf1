import { OfferId } from "@pecia/contracts-abi"
import { OfferMarket } from "@pecia/market"
import { Effect } from "effect"
import { type HeldContract, HeldContracts } from "../HeldContracts.ts"
import { Prover } from "../Prover.ts"
import { type HeldSlot, NotOurs, type ProvenMarket } from "./provenMarket.ts"

/**
 * The offer market. Which contracts are held is not asked of the chain but of `HeldContracts`, which may learn of a contract when its
 * first proof is due already, or after a restart in the middle of a period. So it is asked more often.
 */
export const contracts = Effect.gen(function* () {
  const market = yield* OfferMarket
  const prover = yield* Prover
  const held = yield* HeldContracts

  const heldSlot = ({ offerId, request }: HeldContract): HeldSlot => ({
    slotId: OfferId.slotId(offerId),
    pointer: market.getPointer(offerId),
    challenge: market.getChallenge(offerId),
    isProofRequired: market.isProofRequired(offerId),
    willProofBeRequired: market.willProofBeRequired(offerId),
    answer: Effect.succeed((challenge) => prover.proveContract(request, offerId, challenge)),
    submit: (proof) =>
      Effect.catchTag(market.submitProof(offerId, proof), ["ContractNotStarted", "NotHostOfOffer"], () =>
        Effect.fail(new NotOurs()),
      ),
  })

  return {
    config: market.config,
    heldSlots: Effect.map(held.contracts, (contracts) => contracts.map(heldSlot)),
    looksPerPeriod: 16n,
  } satisfies ProvenMarket
})
