import type { Address, MarketplaceConfig, MarketplaceOptions, SlotId } from "@pecia/contracts-abi"
import { HashMap, Option, Result } from "effect"
import { type Account, type Books, noAccount, noProofs, type ProofRecord, type Token } from "./books.ts"
import type { Revert } from "./uint256.ts"

/** Where an event stands on the chain. */
export interface Place {
  readonly blockNumber: bigint
  readonly logIndex: number
}

/** An event before its place on the chain is known. */
export type WithoutPlace<Event> = Event extends Place ? Omit<Event, keyof Place> : never

/**
 * One call of a contract under way. The rules change the token, the contract's books and `logs` step by step; of a call that fails,
 * the chain keeps none of them.
 */
export interface Call<B extends Books = Books, Log = unknown> {
  readonly config: MarketplaceConfig
  readonly options: MarketplaceOptions
  /** That is called. */
  readonly contract: Address
  readonly sender: Address
  readonly block: { readonly number: bigint; readonly timestamp: bigint }
  /** 32 bytes as a number, of a block that is mined. */
  readonly blockHash: (number: bigint) => bigint
  token: Token
  books: B
  readonly logs: Array<Log>
}

/** What a rule answers: a value, or why it reverts. */
export type Outcome<A, E = never> = Result.Result<A, E | Revert>

/** Solidity's `require`. */
export const ensure = <E>(holds: boolean, reason: () => E): Result.Result<void, E> =>
  holds ? Result.succeed(undefined) : Result.fail(reason())

export const emit = <Log>(call: { readonly logs: Array<Log> }, log: NoInfer<Log>): void => {
  call.logs.push(log)
}

export const accountOf = (call: Call, address: Address): Account =>
  Option.getOrElse(HashMap.get(call.books.accounts, address), () => noAccount)

export const setAccount = <B extends Books>(call: Call<B>, address: Address, change: Partial<Account>): void => {
  const accounts = HashMap.set(call.books.accounts, address, { ...accountOf(call, address), ...change })
  call.books = { ...call.books, accounts }
}

export const proofsOf = (call: Call, id: SlotId): ProofRecord =>
  Option.getOrElse(HashMap.get(call.books.proofs, id), () => noProofs)

export const setProofs = <B extends Books>(call: Call<B>, id: SlotId, change: Partial<ProofRecord>): void => {
  call.books = { ...call.books, proofs: HashMap.set(call.books.proofs, id, { ...proofsOf(call, id), ...change }) }
}
