import type { Address, MarketplaceConfig, MarketplaceOptions, RequestId, SlotId } from "@pecia/contracts-abi"
import { HashMap, Option, Result } from "effect"
import type { MarketEvent } from "../../MarketEvent.ts"
import {
  type Account,
  type ContractState,
  noAccount,
  noProofs,
  noSlot,
  type ProofRecord,
  type RequestRecord,
  type SlotRecord,
} from "./state.ts"
import type { Revert } from "./uint256.ts"

type WithoutPlace<Event> = Event extends { readonly logIndex: number } ? Omit<Event, "blockNumber" | "logIndex"> : never

/** An event before its place on the chain is known. */
export type Log = WithoutPlace<MarketEvent>

/** One call under way. The rules change `state` and `logs` step by step; of a call that fails, the chain keeps neither. */
export interface Call {
  readonly config: MarketplaceConfig
  readonly options: MarketplaceOptions
  readonly sender: Address
  readonly block: { readonly number: bigint; readonly timestamp: bigint }
  /** 32 bytes as a number, of a block that is mined. */
  readonly blockHash: (number: bigint) => bigint
  state: ContractState
  readonly logs: Array<Log>
}

/** What a rule answers: a value, or why it reverts. */
export type Outcome<A, E = never> = Result.Result<A, E | Revert>

/** Solidity's `require`. */
export const ensure = <E>(holds: boolean, reason: () => E): Result.Result<void, E> =>
  holds ? Result.succeed(undefined) : Result.fail(reason())

export const emit = (call: Call, log: Log): void => {
  call.logs.push(log)
}

export const accountOf = (call: Call, address: Address): Account =>
  Option.getOrElse(HashMap.get(call.state.accounts, address), () => noAccount)

export const setAccount = (call: Call, address: Address, change: Partial<Account>): void => {
  const accounts = HashMap.set(call.state.accounts, address, { ...accountOf(call, address), ...change })
  call.state = { ...call.state, accounts }
}

export const requestOf = (call: Call, id: RequestId): Option.Option<RequestRecord> =>
  HashMap.get(call.state.requests, id)

export const setRequest = (call: Call, id: RequestId, record: RequestRecord): void => {
  call.state = { ...call.state, requests: HashMap.set(call.state.requests, id, record) }
}

export const slotOf = (call: Call, id: SlotId): SlotRecord =>
  Option.getOrElse(HashMap.get(call.state.slots, id), () => noSlot)

export const setSlot = (call: Call, id: SlotId, change: Partial<SlotRecord>): void => {
  call.state = { ...call.state, slots: HashMap.set(call.state.slots, id, { ...slotOf(call, id), ...change }) }
}

export const proofsOf = (call: Call, id: SlotId): ProofRecord =>
  Option.getOrElse(HashMap.get(call.state.proofs, id), () => noProofs)

export const setProofs = (call: Call, id: SlotId, change: Partial<ProofRecord>): void => {
  call.state = { ...call.state, proofs: HashMap.set(call.state.proofs, id, { ...proofsOf(call, id), ...change }) }
}
