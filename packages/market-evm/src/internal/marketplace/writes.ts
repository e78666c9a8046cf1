import { RequestRefusal, StorageRequest, slotId as slotIdOf } from "@pecia/contracts-abi"
import {
  AlreadyPaid,
  InsufficientCollateral,
  InvalidClientAddress,
  InvalidProof,
  InvalidSlot,
  InvalidState,
  type Market,
  ProofAlreadySubmitted,
  RequestAlreadyExists,
  RequestNotTimedOut,
  RequestRefused,
  SlotFilledByOtherHost,
  SlotIsFree,
  SlotNotFree,
  UnknownRequest,
} from "@pecia/market"
import { Effect, Schema } from "effect"
import type { TransactionQueue } from "../../TransactionQueue.ts"
import { writerOf } from "../commonWrites.ts"
import type { OpenContract } from "../openContract.ts"

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

const isRequestRefusal = Schema.is(RequestRefusal)

/** What the marketplace can refuse, in the words of its interface (section 2). */
export const writesOf = (marketplace: OpenContract, queue: TransactionQueue["Service"]): Writes => {
  const { common, markProofAsMissing, pull, write } = writerOf(marketplace, queue, "Market")
  const { account } = queue

  return {
    ...common,
    markProofAsMissing,
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
