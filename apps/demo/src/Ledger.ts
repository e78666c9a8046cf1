import type { Address, RequestId, RequestState, SlotState } from "@pecia/contracts-abi"
import {
  balanceLines,
  balancesJson,
  type Claim,
  claimLines,
  type Holdings,
  holdingsClaims,
  proofsOf,
  type Report,
} from "./Holdings.ts"

/** What came of the demo at a fixed price. */
export interface Outcome extends Holdings {
  readonly request: { readonly id: RequestId; readonly state: RequestState }
  readonly slots: ReadonlyArray<{
    readonly index: number
    readonly host: Address
    readonly state: SlotState
    readonly proofs: number
  }>
  readonly price: bigint
}

/** What has to be true at the end; each line that is not is a failure of the demo. */
export const judge = (outcome: Outcome): ReadonlyArray<Claim> => {
  const { client, hosts, slots } = outcome
  const { fileIsBack, isProven, isCleared } = holdingsClaims(outcome)
  return [
    fileIsBack,
    { claim: "the contract has finished", holds: outcome.request.state === "Finished" },
    { claim: "every slot is paid", holds: slots.length > 0 && slots.every(({ state }) => state === "Paid") },
    isProven("every slot was proven at least twice after its filling"),
    { claim: "the client paid the price", holds: client.before - client.after === outcome.price },
    {
      claim: "the hosts earned the price",
      holds: hosts.reduce((sum, { before, after }) => sum + after - before, 0n) === outcome.price,
    },
    ...isCleared,
  ]
}

/** The outcome for machines: amounts are decimal strings. */
export const toJson = (outcome: Outcome, ok: boolean) => ({
  ok,
  file: outcome.file,
  retrievedSha256: outcome.retrievedSha256,
  request: outcome.request,
  slots: outcome.slots.map(({ index, host, state }) => ({ index, host, state })),
  proofsSubmitted: proofsOf(outcome),
  balances: balancesJson(outcome),
  seconds: outcome.seconds,
})

/** The outcome for people. */
export const toLines = (outcome: Outcome): ReadonlyArray<string> => [
  "",
  ...balanceLines(outcome),
  "",
  ...claimLines(judge(outcome)),
  "",
]

/** The outcome and its judgement. */
export const report = (outcome: Outcome): Report => {
  const claims = judge(outcome)
  return {
    claims,
    lines: toLines(outcome),
    json: toJson(
      outcome,
      claims.every(({ holds }) => holds),
    ),
  }
}
