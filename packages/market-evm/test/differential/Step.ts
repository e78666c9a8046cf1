import { type Address, type Period, type RequestId, type SlotId, StorageRequest } from "@pecia/contracts-abi"
import { Data } from "effect"
import { show } from "./show.ts"

/** One thing that is done to both chains. `who` is the place of an account in the list of those that take part. */
export type Step = Data.TaggedEnum<{
  mint: { readonly to: Address; readonly amount: bigint }
  approveFunds: { readonly who: number; readonly amount: bigint }
  deposit: { readonly who: number; readonly amount: bigint }
  withdraw: { readonly who: number }
  requestStorage: { readonly who: number; readonly request: StorageRequest }
  fillSlot: {
    readonly who: number
    readonly requestId: RequestId
    readonly slotIndex: bigint
    readonly proof: Uint8Array
  }
  freeSlot: { readonly who: number; readonly slotId: SlotId }
  submitProof: { readonly who: number; readonly slotId: SlotId; readonly proof: Uint8Array }
  markProofAsMissing: { readonly who: number; readonly slotId: SlotId; readonly period: Period }
  withdrawFunds: { readonly who: number; readonly requestId: RequestId }
  forciblyFreeSlot: { readonly slotId: SlotId }
  /** Mines one block at a time in unix seconds. */
  advanceTo: { readonly time: bigint }
  /** Mines empty blocks at the time of now. */
  mine: { readonly count: bigint }
}>

export const Step = Data.taggedEnum<Step>()

/** Whether the contract is called; time and blocks only pass by. */
export const isCall = (step: Step): boolean => !Step.$is("advanceTo")(step) && !Step.$is("mine")(step)

/** For people who look for what went wrong. */
export const showStep = (step: Step): string => {
  const { _tag, ...what } = step
  if (!Step.$is("requestStorage")(step)) return `${_tag} ${show(what)}`
  const { request, who } = step
  return `${_tag} ${show({ who, id: StorageRequest.id(request), ask: request.ask, expiry: request.expiry })}`
}
