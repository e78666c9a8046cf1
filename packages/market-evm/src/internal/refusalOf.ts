import type { Address } from "@pecia/contracts-abi"
import { Option } from "effect"
import type { NodeRefusal } from "../RpcError.ts"

/** Why a node does not take a transaction. */
export interface Refusal {
  readonly detail: string
  readonly isRetryable: boolean
  /** Another transaction has its nonce. */
  readonly isNonceTaken: boolean
}

/** What a node means that does not take a transaction; each kind of node has its own words. None: it has it already. */
export const refusalOf = (account: Address, { detail }: NodeRefusal): Option.Option<Refusal> => {
  const says = (words: RegExp) => words.test(detail)
  if (says(/already (known|imported|exists|in)|known transaction/i)) return Option.none()
  if (says(/nonce.*(low|used|old)|replacement.*underpriced/i)) {
    const detail = `another transaction of ${account} took its turn; let one program alone send for this account`
    return Option.some({ detail, isRetryable: true, isNonceTaken: true })
  }
  if (says(/insufficient (funds|balance)/i)) {
    const detail = `${account} cannot pay for the gas; send it coins of this chain`
    return Option.some({ detail, isRetryable: false, isNonceTaken: false })
  }
  const isRetryable = says(/base fee|underpriced|pool|limit exceeded|too many/i)
  return Option.some({ detail, isRetryable, isNonceTaken: false })
}
