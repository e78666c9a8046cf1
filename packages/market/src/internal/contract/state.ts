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
  /** The account's slots as host: those it holds. */
  readonly slots: HashSet.HashSet<SlotId>
}

export interface RequestRecord {
  readonly request: StorageRequest
  /** The stored state; what a view answers is derived from it and the time (derived.ts). */
  readonly state: Extract<RequestState, "New" | "Started" | "Failed">
  /** Unix seconds: the time of the request plus its duration. */
  readonly endsAt: bigint
  /** Unix seconds of the call that made it fail; zero: it has not failed. */
  readonly failedAt: bigint
  /** The slots that hosts keep, and once the request is over those that they kept to the end, paid or not. */
  readonly kept: HashSet.HashSet<SlotId>
  /** Whether the client took back what no host earns. */
  readonly isRefunded: boolean
}

export interface SlotRecord {
  /** The stored state; what a view answers is derived from it and the request (derived.ts). */
  readonly state: Extract<SlotState, "Free" | "Filled" | "Paid">
  readonly requestId: Option.Option<RequestId>
  readonly slotIndex: bigint
  readonly host: Address
  /** Unix seconds. */
  readonly filledAt: bigint
  /** Whether it was filled before its request had started. */
  readonly isEarly: boolean
}

export interface ProofRecord {
  /** Of the present host. */
  readonly missed: bigint
  /** Of all hosts; the contract itself remembers the last 44 periods, which is as far back as any rule looks. */
  readonly received: HashSet.HashSet<Period>
  /** Marked as missing, of the present host. */
  readonly missing: HashSet.HashSet<Period>
}

export const genesis: ContractState = {
  token: { supply: 0n, balances: HashMap.empty(), allowances: HashMap.empty() },
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

export const noSlot: SlotRecord = {
  state: "Free",
  requestId: Option.none(),
  slotIndex: 0n,
  host: zeroAddress,
  filledAt: 0n,
  isEarly: false,
}

export const noProofs: ProofRecord = {
  missed: 0n,
  received: HashSet.empty(),
  missing: HashSet.empty(),
}
