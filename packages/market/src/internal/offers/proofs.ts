import { OfferId, type Period, type SlotId } from "@pecia/contracts-abi"
import { Option, Result } from "effect"
import { type InvalidProof, type ProofAlreadySubmitted, SlotNotAcceptingProofs } from "../../MarketError.ts"
import { ContractNotStarted, NotHostOfOffer } from "../../OfferError.ts"
import { emit, ensure, type Outcome } from "../contract/call.ts"
import { type NotMissed, recordMiss } from "../contract/missingProofs.ts"
import { type ProofTerms, receiveProof } from "../contract/proofs.ts"
import { uint256 } from "../contract/uint256.ts"
import { type OfferCall, offerOf, requestOf } from "./books.ts"
import { fail } from "./contracts.ts"

/** By the host of a contract that was started once, in any state since. */
export const submitProof = (
  call: OfferCall,
  offerId: OfferId,
  proof: Uint8Array,
): Outcome<void, ContractNotStarted | NotHostOfOffer | InvalidProof | ProofAlreadySubmitted> =>
  Result.gen(function* () {
    const { offer } = yield* Result.fromOption(
      Option.filter(offerOf(call, offerId), ({ term }) => Option.isSome(term)),
      () => new ContractNotStarted({ offerId }),
    )
    yield* ensure(offer.host === call.sender, () => new NotHostOfOffer({ offerId, account: call.sender }))
    yield* receiveProof(call, OfferId.slotId(offerId), proof)
    emit(call, { _tag: "ProofSubmitted", offerId, proof })
  })

/** None: the contract does not run. */
export const proofTermsOf = (call: OfferCall, slotId: SlotId): Option.Option<ProofTerms> =>
  Option.gen(function* () {
    const record = yield* offerOf(call, OfferId.make(slotId))
    const { endsAt, startedAt } = yield* record.term
    const { request } = yield* requestOf(call, record.offer.requestId)
    const isRunning = record.state === "Started" && call.block.timestamp <= endsAt
    return yield* isRunning
      ? Option.some({ start: startedAt, end: Option.some(endsAt), probability: request.proofProbability })
      : Option.none()
  })

/** When too little collateral is left, the contract fails. */
export const markProofAsMissing = (
  call: OfferCall,
  offerId: OfferId,
  period: Period,
): Outcome<void, SlotNotAcceptingProofs | NotMissed> =>
  Result.gen(function* () {
    yield* uint256(period)
    const slotId = OfferId.slotId(offerId)
    const accepting = Option.all({ terms: proofTermsOf(call, slotId), record: offerOf(call, offerId) })
    const { record, terms } = yield* Result.fromOption(accepting, () => new SlotNotAcceptingProofs({ slotId }))
    if (yield* recordMiss(call, slotId, record.offer.host, period, terms)) fail(call, record)
  })
