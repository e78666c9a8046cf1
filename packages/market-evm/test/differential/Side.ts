import { type Address, RevertReason, type SlotId } from "@pecia/contracts-abi"
import {
  type Block,
  ChainError,
  type Market,
  type MarketEvent,
  OpenRequestRefused,
  RequestRefused,
} from "@pecia/market"
import { Effect, Result } from "effect"
import type { Step } from "./Step.ts"
import { show } from "./show.ts"

/** One of the two chains that are told the same: a contract and the accounts that use it. */
export interface ContractSide<Service, Event> {
  /** Where the contract keeps its tokens. */
  readonly contract: Address
  /** The contract as each account that takes part sees it. */
  readonly markets: ReadonlyArray<Service>
  readonly mint: (to: Address, amount: bigint) => Effect.Effect<void, ChainError>
  readonly advanceTo: (time: bigint) => Effect.Effect<void, ChainError>
  readonly mine: (count: bigint) => Effect.Effect<void, ChainError>
  /** The latest block. */
  readonly head: Effect.Effect<Block, ChainError>
  /** What happened since this was asked for the last time, in the order of the chain. */
  readonly news: Effect.Effect<ReadonlyArray<Event>>
}

/** The side of a marketplace. */
export interface Side extends ContractSide<Market["Service"], MarketEvent> {
  readonly forciblyFreeSlot: (slotId: SlotId) => Effect.Effect<void, ChainError>
}

/** What a step came to, in words that are the same on both sides. */
export interface Outcome {
  /** "ok", the name of an error, or the words of a revert that has no error of its own. */
  readonly kind: string
  /** The answer, or what the error names. */
  readonly evidence: string
}

const run = (side: Side, step: Step) => {
  switch (step._tag) {
    case "mint":
      return side.mint(step.to, step.amount)
    case "forciblyFreeSlot":
      return side.forciblyFreeSlot(step.slotId)
    case "advanceTo":
      return side.advanceTo(step.time)
    case "mine":
      return side.mine(step.count)
  }
  const market = side.markets[step.who]
  if (market === undefined) return Effect.die(`There is no account ${step.who}.`)
  switch (step._tag) {
    case "approveFunds":
      return market.approveFunds(step.amount)
    case "deposit":
      return market.deposit(step.amount)
    case "withdraw":
      return market.withdraw
    case "requestStorage":
      return market.requestStorage(step.request)
    case "fillSlot":
      return market.fillSlot(step.requestId, step.slotIndex, step.proof)
    case "freeSlot":
      return market.freeSlot(step.slotId)
    case "submitProof":
      return market.submitProof(step.slotId, step.proof)
    case "markProofAsMissing":
      return market.markProofAsMissing(step.slotId, step.period)
    case "withdrawFunds":
      return market.withdrawFunds(step.requestId)
  }
}

/** Does a step on one side. A chain that cannot be reached is no outcome, but the end of the run. */
export const perform = (side: Side, step: Step): Effect.Effect<Outcome, ChainError> => {
  const done: Effect.Effect<unknown, Effect.Error<ReturnType<typeof run>>> = run(side, step)
  return outcomeOf(done)
}

/** What came of a call. */
export const outcomeOf = <E extends { readonly _tag: string }>(
  done: Effect.Effect<unknown, E | ChainError>,
): Effect.Effect<Outcome, ChainError> =>
  Effect.flatMap(Effect.result(done), (result) => {
    if (Result.isSuccess(result)) return Effect.succeed({ kind: "ok", evidence: show(result.success) })
    const error = result.failure
    if (error instanceof RequestRefused || error instanceof OpenRequestRefused) {
      return Effect.succeed({ kind: error.reason, evidence: error.requestId })
    }
    if (!(error instanceof ChainError)) return Effect.succeed({ kind: error._tag, evidence: show({ ...error }) })
    const { reason } = error
    return reason._tag === "Reverted"
      ? Effect.succeed({ kind: wordsOf(reason.detail), evidence: "" })
      : Effect.fail(error)
  })

/** Each side has its own words for arithmetic that does not fit; those of the contract are the same. */
const wordsOf = (detail: string) => (contractWords.includes(detail) ? detail : "panic")

const contractWords: ReadonlyArray<string> = [...RevertReason.literals, "Slot is not filled"]
