import { type OfferId, type RequestId, zeroAddress } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { show } from "../show.ts"
import type { View } from "../View.ts"
import type { OfferSide } from "./OfferSide.ts"

/** All that the views of the contract and its token tell about some ids and all accounts: each question with its answer. */
export const look = Effect.fnUntraced(function* (
  side: OfferSide,
  requests: ReadonlyArray<RequestId>,
  offers: ReadonlyArray<OfferId>,
) {
  const { contract, head, markets } = side
  const [any] = markets
  if (any === undefined) return yield* Effect.die("Nobody takes part.")
  const view = new Map<string, string>()
  const ask = <A, E>(question: string, answer: Effect.Effect<A, E>) =>
    Effect.map(answer, (answer) => void view.set(question, show(answer)))

  const others = [
    { name: "the contract", account: contract },
    { name: "nobody", account: zeroAddress },
  ]
  const owners = [...markets.map(({ account }, who) => ({ name: `account ${who}`, account })), ...others]
  const questions = [
    ask("latest block", head),
    ...owners.flatMap(({ account, name }) => [
      ask(`tokens of ${name}`, any.tokens(account)),
      ask(`collateral of ${name}`, any.collateral(account)),
    ]),
    ...requests.flatMap((id) => [
      ask(`request ${id}`, any.getRequest(id)),
      ask(`selected offer of request ${id}`, any.selectedOffer(id)),
    ]),
    ...offers.flatMap((id) => [
      ask(`offer ${id}`, any.getOffer(id)),
      ask(`state of contract ${id}`, any.contractState(id)),
      ask(`end of contract ${id}`, any.proofEnd(id)),
      ask(`missing proofs of contract ${id}`, any.missingProofs(id)),
      ask(`pointer of contract ${id}`, any.getPointer(id)),
      ask(`challenge of contract ${id}`, any.getChallenge(id)),
      ask(`whether a proof of contract ${id} is required`, any.isProofRequired(id)),
      ask(`whether a proof of contract ${id} will be required`, any.willProofBeRequired(id)),
    ]),
  ]
  yield* Effect.all(questions, { concurrency: "unbounded", discard: true })
  const answers: View = view
  return answers
})
