import type { Address, Period, RequestId, SlotId } from "@pecia/contracts-abi"
import { HashMap, HashSet } from "effect"

// What a contract and its token remember. Immutable, so that a revert costs nothing.

/** The books that every contract of ours keeps; each has its own. */
export interface Books {
  readonly accounts: HashMap.HashMap<Address, Account>
  /** By slot; in the offer market by offer, whose id stands where a slot has its own. */
  readonly proofs: HashMap.HashMap<SlotId, ProofRecord>
}

export interface Token {
  readonly supply: bigint
  readonly balances: HashMap.HashMap<Address, bigint>
  /** What a contract may still take from an account: the account, then the contract, with a space between. */
  readonly allowances: HashMap.HashMap<string, bigint>
}

export interface Account {
  readonly collateral: bigint
  /** The slots that the account keeps as host, by the ids of their proofs. They lock its collateral. */
  readonly slots: HashSet.HashSet<SlotId>
  /** Requests with which the account still has to do: on the marketplace as their client, on the offer market as a bidder. */
  readonly requests: HashSet.HashSet<RequestId>
}

export interface ProofRecord {
  /** Of the present host. */
  readonly missed: bigint
  /** Of all hosts; the contract itself remembers the last 44 periods, which is as far back as any rule looks. */
  readonly received: HashSet.HashSet<Period>
  /** Marked as missing, of the present host. */
  readonly missing: HashSet.HashSet<Period>
}

export const noToken: Token = { supply: 0n, balances: HashMap.empty(), allowances: HashMap.empty() }

export const noBooks: Books = { accounts: HashMap.empty(), proofs: HashMap.empty() }

// What a contract reads where it never wrote.

export const noAccount: Account = { collateral: 0n, slots: HashSet.empty(), requests: HashSet.empty() }

export const noProofs: ProofRecord = { missed: 0n, received: HashSet.empty(), missing: HashSet.empty() }
