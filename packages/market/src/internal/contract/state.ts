import {
  type Address,
  type Period,
  type RequestId,
  type RequestState,
  type SlotId,
  type SlotState,
  type StorageRequest,
  zeroAddress,
} from "@pecia/contracts-abi"
import { HashMap, HashSet, Option } from "effect"

/** All that the contract and its token remember (contract interface, section 1). Immutable, so that a revert costs nothing. */
export interface ContractState {
  readonly token: Token
  /** The escrow of all requests. What is in it is the difference. */
  readonly funds: { readonly received: bigint; readonly sent: bigint }
  /** The collateral of all accounts. What is in it is the difference. */
  readonly collateral: { readonly deposited: bigint; readonly withdrawn: bigint; readonly slashed: bigint }
  readonly accounts: HashMap.HashMap<Address, Account>
  readonly requests: HashMap.HashMap<RequestId, RequestRecord>
  readonly slots: HashMap.HashMap<SlotId, SlotRecord>
  readonly proofs: HashMap.HashMap<SlotId, ProofRecord>
}

export interface Token {
  readonly supply: bigint
  readonly balances: HashMap.HashMap<Address, bigint>
  /** What the marketplace may still take from each account. */
  readonly allowances: HashMap.HashMap<Address, bigint>
}

export interface Account {
  readonly collateral: bigint
  /** The account's requests as client. */
  readonly requests: HashSet.HashSet<RequestId>
  /** The account's slots as host. */
  readonly slots: HashSet.HashSet<SlotId>
}

export interface RequestRecord {
  readonly request: StorageRequest
  /** The stored state; what a view answers is derived from it and the time (derived.ts). */
  readonly state: RequestState
  readonly slotsFilled: bigint
  readonly endsAt: bigint
}

export interface SlotRecord {
  /** The stored state; what a view answers is derived from it and the request (derived.ts). */
  readonly state: Extract<SlotState, "Free" | "Filled" | "Paid">
  readonly requestId: Option.Option<RequestId>
  readonly slotIndex: bigint
  readonly host: Address
}

export interface ProofRecord {
  readonly startedAt: bigint
  readonly probability: bigint
  readonly missed: bigint
  readonly received: HashSet.HashSet<Period>
  readonly missing: HashSet.HashSet<Period>
}

export const genesis: ContractState = {
  token: { supply: 0n, balances: HashMap.empty(), allowances: HashMap.empty() },
  funds: { received: 0n, sent: 0n },
  collateral: { deposited: 0n, withdrawn: 0n, slashed: 0n },
  accounts: HashMap.empty(),
  requests: HashMap.empty(),
  slots: HashMap.empty(),
  proofs: HashMap.empty(),
}

// What the contract reads where it never wrote.

export const noAccount: Account = {
  collateral: 0n,
  requests: HashSet.empty(),
  slots: HashSet.empty(),
}

export const noSlot: SlotRecord = { state: "Free", requestId: Option.none(), slotIndex: 0n, host: zeroAddress }

export const noProofs: ProofRecord = {
  startedAt: 0n,
  probability: 0n,
  missed: 0n,
  received: HashSet.empty(),
  missing: HashSet.empty(),
}
