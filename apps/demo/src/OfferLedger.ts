import type { Address, ContractState, OfferId, RequestId } from "@pecia/contracts-abi"
import {
  balanceLines,
  balancesJson,
  type Claim,
  claimLines,
  grouped,
  type Holdings,
  holdingsClaims,
  proofsOf,
  type Report,
  row,
} from "./Holdings.ts"

/** One slot and its auction. Amounts in token base units. */
export interface TradedSlot {
  readonly index: number
  readonly requestId: RequestId
  readonly offerId: OfferId
  /** Bids that the hosts made for it. */
  readonly offers: number
  readonly host: Address
  /** What the client paid in advance, and what it was selected for. */
  readonly maxPrice: bigint
  readonly price: bigint
  readonly state: ContractState
  readonly proofs: number
}

/** What came of the demo in which each slot is traded by offers. */
export interface OfferOutcome extends Holdings {
  readonly slots: ReadonlyArray<TradedSlot>
}

const sumOf = (slots: ReadonlyArray<TradedSlot>, amount: (slot: TradedSlot) => bigint) =>
  slots.reduce((sum, slot) => sum + amount(slot), 0n)
const reimbursed = ({ slots }: OfferOutcome) => sumOf(slots, ({ maxPrice, price }) => maxPrice - price)

/** What has to be true at the end; each line that is not is a failure of the demo. */
export const judge = (outcome: OfferOutcome): ReadonlyArray<Claim> => {
  const { client, hosts, slots } = outcome
  const { fileIsBack, isProven, isCleared } = holdingsClaims(outcome)
  const paid = client.before - client.after
  return [
    fileIsBack,
    { claim: "hosts competed with their offers", holds: slots.some(({ offers }) => offers > 1) },
    { claim: "every slot went to another host", holds: new Set(slots.map(({ host }) => host)).size === slots.length },
    { claim: "every contract has finished and is paid", holds: slots.every(({ state }) => state === "Finished") },
    isProven("every slot was proven at least twice"),
    {
      claim: "every host asked for less than the client was ready to pay",
      holds: slots.every(({ maxPrice, price }) => price < maxPrice),
    },
    {
      claim: "the client paid the prices of the offers, and had the rest back",
      holds: paid === sumOf(slots, ({ price }) => price),
    },
    {
      claim: "each host earned the price of what it kept",
      holds: hosts.every(({ address, before, after }) => {
        const kept = slots.filter(({ host }) => host === address)
        return after - before === sumOf(kept, ({ price }) => price)
      }),
    },
    ...isCleared,
  ]
}

/** The outcome for machines: amounts are decimal strings. */
export const toJson = (outcome: OfferOutcome, ok: boolean) => ({
  ok,
  file: outcome.file,
  retrievedSha256: outcome.retrievedSha256,
  slots: outcome.slots.map(({ index, host, state, requestId, offerId, offers, maxPrice, price }) => ({
    ...{ index, host, state, requestId, offerId, offers },
    maxPrice: `${maxPrice}`,
    price: `${price}`,
  })),
  proofsSubmitted: proofsOf(outcome),
  reimbursed: `${reimbursed(outcome)}`,
  balances: balancesJson(outcome),
  seconds: outcome.seconds,
})

/** The outcome for people. */
export const toLines = (outcome: OfferOutcome): ReadonlyArray<string> => [
  "",
  row("PRICES", "AT MOST", "SELECTED", "CAME BACK"),
  ...outcome.slots.map(({ index, maxPrice, price }) =>
    row(`slot ${index}`, grouped(maxPrice), grouped(price), grouped(maxPrice - price)),
  ),
  "",
  ...balanceLines(outcome),
  "",
  ...claimLines(judge(outcome)),
  "",
]

/** The outcome and its judgement. */
export const report = (outcome: OfferOutcome): Report => {
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
