import { Option, Predicate } from "effect"
import { CallReverted, type NodeRefusal } from "../RpcError.ts"

/** Nodes put the reason at `data`, some as "Reverted 0x...", some one level deeper. */
const dataOf = (data: unknown): string | undefined => {
  if (typeof data === "string") return /^(?:Reverted )?(0x(?:[0-9a-f]{2})*)$/i.exec(data)?.[1]
  return Predicate.hasProperty(data, "data") && typeof data.data === "string" ? dataOf(data.data) : undefined
}

/** Whether the contract said no, and not the node. */
export const revertOf = (refusal: NodeRefusal): Option.Option<CallReverted> => {
  const data = dataOf(refusal.data)
  const reverted = data !== undefined || refusal.code === 3 || /revert|invalid opcode|out of gas/i.test(refusal.detail)
  return reverted ? Option.some(new CallReverted({ data: data ?? "0x", detail: refusal.detail })) : Option.none()
}
