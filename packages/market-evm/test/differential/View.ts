import { type RequestId, type SlotId, zeroAddress } from "@pecia/contracts-abi"
import { Effect } from "effect"
import type { Side } from "./Side.ts"
import { show } from "./show.ts"

/** All that the views of the contract and its token tell about some ids and all accounts: each question with its answer. */
export type View = ReadonlyMap<string, string>

export const look = Effect.fnUntraced(function* (
  side: Side,
  requests: ReadonlyArray<RequestId>,
  slots: ReadonlyArray<SlotId>,
) {
  const { contract, head, markets } = side
  const [any] = markets
  if (any === undefined) return yield* Effect.die("Nobody takes part.")
  const view = new Map<string, string>()
  const ask = <A, E>(question: string, answer: Effect.Effect<A, E>) =>
    Effect.map(answer, (answer) => void view.set(question, show(answer)))
  /** A set, of which no order is promised. */
  const askSet = <E>(question: string, answer: Effect.Effect<ReadonlyArray<string>, E>) =>
    ask(
      question,
      Effect.map(answer, (ids) => ids.toSorted()),
    )

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
    ...markets.flatMap(({ myRequests, mySlots }, who) => [
      askSet(`requests of account ${who}`, myRequests),
      askSet(`slots of account ${who}`, mySlots),
    ]),
    ...requests.flatMap((id) => [
      ask(`request ${id}`, any.getRequest(id)),
      ask(`state of request ${id}`, any.requestState(id)),
      ask(
        `end of request ${id}`,
        Effect.catchTag(any.requestEnd(id), "UnknownRequest", () => Effect.succeed("unknown")),
      ),
    ]),
    ...slots.flatMap((id) => [
      ask(`state of slot ${id}`, any.slotState(id)),
      ask(`host of slot ${id}`, any.getHost(id)),
      ask(`occupation of slot ${id}`, any.getActiveSlot(id)),
      ask(`missing proofs of slot ${id}`, any.missingProofs(id)),
      ask(`pointer of slot ${id}`, any.getPointer(id)),
      ask(`challenge of slot ${id}`, any.getChallenge(id)),
      ask(`whether a proof of slot ${id} is required`, any.isProofRequired(id)),
      ask(`whether a proof of slot ${id} will be required`, any.willProofBeRequired(id)),
    ]),
  ]
  yield* Effect.all(questions, { concurrency: "unbounded", discard: true })
  const answers: View = view
  return answers
})

/** What two views do not agree on. */
export const differences = (memory: View, evm: View): ReadonlyArray<string> =>
  Array.from(new Set([...memory.keys(), ...evm.keys()])).flatMap((question) => {
    const [a, b] = [memory.get(question), evm.get(question)]
    return a === b ? [] : [`${question}: ${a} in memory, ${b} on the EVM`]
  })
