import { RequestRefusal, type RevertReason, StorageRequest, slotId as slotIdOf } from "@pecia/contracts-abi"
import {
  AccountLocked,
  AlreadyPaid,
  type ChainError,
  InsufficientAllowance,
  InsufficientBalance,
  InsufficientCollateral,
  InvalidClientAddress,
  InvalidProof,
  InvalidSlot,
  InvalidState,
  type Market,
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofAlreadySubmitted,
  ProofNotMissing,
  ProofNotRequired,
  RequestAlreadyExists,
  RequestNotTimedOut,
  RequestRefused,
  SlotFilledByOtherHost,
  SlotIsFree,
  SlotNotAcceptingProofs,
  SlotNotFree,
  UnknownRequest,
  ValidationTimedOut,
} from "@pecia/market"
import { Effect, Option, Schema } from "effect"
import type { CallReverted } from "../RpcError.ts"
import type { TransactionQueue, Write } from "../TransactionQueue.ts"
import type { Marketplace } from "./MarketContract.ts"
import { encode, explain, reasonOf } from "./marketplace.ts"

type Writes = Pick<
  Market["Service"],
  | "account"
  | "approveFunds"
  | "deposit"
  | "withdraw"
  | "requestStorage"
  | "fillSlot"
  | "freeSlot"
  | "submitProof"
  | "markProofAsMissing"
  | "withdrawFunds"
>

/** What a revert means to the caller; undefined: nothing that he decides on. */
type Meaning<E> = (reason: RevertReason) => E | undefined

const isRequestRefusal = Schema.is(RequestRefusal)
const uint = Schema.decodeUnknownResult(Schema.BigInt)

/** What the contract can refuse, in the words of its interface (section 2). */
export const writesOf = ({ contract, token }: Marketplace, queue: TransactionQueue["Service"]): Writes => {
  const { account } = queue
  const to = contract.address

  const send = <E = never>(
    name: string,
    sent: Effect.Effect<unknown, CallReverted | ChainError>,
    meaning: Meaning<E> = () => undefined,
  ): Effect.Effect<void, E | ChainError> =>
    sent.pipe(
      Effect.catchTag("CallReverted", (reverted) => {
        const error = Option.flatMap(reasonOf(reverted), (reason) => Option.fromUndefinedOr(meaning(reason)))
        return Effect.fail(Option.getOrElse(error, () => explain(name, reverted)))
      }),
      Effect.asVoid,
      Effect.withSpan(`Market.${name}`),
    )

  const write = <E>(name: string, args: ReadonlyArray<unknown>, meaning: Meaning<E>) => {
    const data = Effect.fromResult(encode(contract.abi, name, args))
    return send(
      name,
      Effect.flatMap(data, (data) => queue.send({ name, to, data })),
      meaning,
    )
  }

  const approval = Effect.fnUntraced(function* (amount: bigint): Effect.fn.Return<Write, ChainError> {
    const allowance = yield* token.read(uint, "allowance", [account, to])
    const data = yield* Effect.fromResult(encode(token.abi, "approve", [to, allowance + amount]))
    return { name: "approveFunds", to: token.address, data }
  })

  const pull = (reason: RevertReason) => {
    if (reason === "ERC20: insufficient allowance") return new InsufficientAllowance({ account })
    if (reason === "ERC20: transfer amount exceeds balance") return new InsufficientBalance({ account })
  }

  return {
    account,
    approveFunds: (amount) => send("approveFunds", queue.sendAlone(approval(amount))),
    deposit: (amount) => write("deposit", [amount], pull),
    withdraw: write("withdraw", [], (reason) => {
      if (reason === "Account locked") return new AccountLocked({ account })
    }),
    requestStorage: (request) =>
      Effect.suspend(() => {
        const requestId = StorageRequest.id(request)
        const stored = write("requestStorage", [StorageRequest.toAbi(request)], (reason) => {
          if (reason === "Invalid client address") return new InvalidClientAddress({ account })
          if (reason === "Request already exists") return new RequestAlreadyExists({ requestId })
          if (isRequestRefusal(reason)) return new RequestRefused({ requestId, reason })
          return pull(reason)
        })
        return Effect.as(stored, requestId)
      }),
    fillSlot: (requestId, slotIndex, proof) => {
      const slotId = () => slotIdOf(requestId, slotIndex)
      return write("fillSlot", [requestId, slotIndex, proof], (reason) => {
        switch (reason) {
          case "Unknown request":
            return new UnknownRequest({ requestId })
          case "Invalid slot":
            return new InvalidSlot({ requestId, slotIndex })
          case "Slot is not free":
            return new SlotNotFree({ slotId: slotId() })
          case "Insufficient collateral":
            return new InsufficientCollateral({ account })
          case "Invalid proof":
            return new InvalidProof({ slotId: slotId() })
          case "Proof already submitted":
            return new ProofAlreadySubmitted({ slotId: slotId() })
        }
      })
    },
    freeSlot: (slotId) =>
      write("freeSlot", [slotId], (reason) => {
        switch (reason) {
          case "Slot is free":
            return new SlotIsFree({ slotId })
          case "Slot filled by other host":
            return new SlotFilledByOtherHost({ slotId })
          case "Already paid":
            return new AlreadyPaid({ slotId })
        }
      }),
    submitProof: (slotId, proof) =>
      write("submitProof", [slotId, proof], (reason) => {
        switch (reason) {
          case "Slot is free":
            return new SlotIsFree({ slotId })
          case "Slot filled by other host":
            return new SlotFilledByOtherHost({ slotId })
          case "Invalid proof":
            return new InvalidProof({ slotId })
          case "Proof already submitted":
            return new ProofAlreadySubmitted({ slotId })
        }
      }),
    markProofAsMissing: (slotId, period) =>
      write("markProofAsMissing", [slotId, period], (reason) => {
        switch (reason) {
          case "Slot not accepting proofs":
            return new SlotNotAcceptingProofs({ slotId })
          case "Period has not ended yet":
            return new PeriodNotEnded({ slotId, period })
          case "Validation timed out":
            return new ValidationTimedOut({ slotId, period })
          case "Proof was submitted, not missing":
            return new ProofNotMissing({ slotId, period })
          case "Proof was not required":
            return new ProofNotRequired({ slotId, period })
          case "Proof already marked as missing":
            return new ProofAlreadyMarked({ slotId, period })
        }
      }),
    withdrawFunds: (requestId) =>
      write("withdrawFunds", [requestId], (reason) => {
        switch (reason) {
          case "Request not yet timed out":
            return new RequestNotTimedOut({ requestId })
          case "Invalid client address":
            return new InvalidClientAddress({ account })
          case "Invalid state":
            return new InvalidState({ requestId })
        }
      }),
  }
}
