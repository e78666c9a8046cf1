import type { Address, RequestId, RequestState, SlotState } from "@pecia/contracts-abi"
import {
  type Balance,
  balanceLines,
  balancesJson,
  type Claim,
  claimLines,
  grouped,
  type Holdings,
  holdingsClaims,
  proofsOf,
  type Report,
} from "./Holdings.ts"

/** The slot whose host was killed. Tokens in base units. */
export interface LostSlot {
  readonly index: number
  /** Its first host, the dead one. */
  readonly host: Address
  /** What came back while the host was dead, and its slot not rebuilt yet. */
  readonly retrievedSha256: string
  /** Proofs that the dead host gave, and that it was marked for. */
  readonly proofs: number
  readonly missed: number
  /** What it loses of its collateral, by the numbers of the contract, and the part of that for whoever marked the misses. */
  readonly slashed: bigint
  readonly markerReward: bigint
  /** From the request to the filling by the next host: nobody is paid for it. */
  readonly unpaidSeconds: bigint
}

/** What came of the demo at a fixed price. */
export interface Outcome extends Holdings {
  readonly request: {
    readonly id: RequestId
    readonly state: RequestState
    readonly durationSeconds: bigint
    /** Token base units per second and slot. */
    readonly reward: bigint
  }
  readonly slots: ReadonlyArray<{
    readonly index: number
    readonly host: Address
    readonly state: SlotState
    readonly proofs: number
  }>
  readonly lost: LostSlot
}

/** What the client paid in advance; what it had back; and what a slot brings its host. */
const money = ({ lost, request: { durationSeconds, reward }, slots }: Outcome) => ({
  price: BigInt(slots.length) * durationSeconds * reward,
  refund: lost.unpaidSeconds * reward,
  payOf: (index: number) => (durationSeconds - (index === lost.index ? lost.unpaidSeconds : 0n)) * reward,
})

const gain = (balance: Balance | undefined) => (balance === undefined ? 0n : balance.after - balance.before)
const at = <A extends { readonly address: Address }>(all: ReadonlyArray<A>, address: Address | undefined) =>
  all.find((one) => one.address === address)

/** What has to be true at the end; each line that is not is a failure of the demo. */
export const judge = (outcome: Outcome): ReadonlyArray<Claim> => {
  const { client, file, hosts, lost, request, slots, validators } = outcome
  const { fileIsBack, isProven, isCleared } = holdingsClaims(outcome)
  const { payOf, price, refund } = money(outcome)
  const heir = slots.find(({ index }) => index === lost.index)?.host
  const keepers = new Set(slots.map(({ host }) => host))
  return [
    {
      claim: "the file that came back while a host was dead is the file",
      holds: lost.retrievedSha256 === file.sha256,
    },
    fileIsBack,
    { claim: "the contract has finished", holds: request.state === "Finished" },
    {
      claim: "the dead host lost its slot, and a host that had none rebuilt it",
      holds: heir !== undefined && !keepers.has(lost.host) && keepers.size === slots.length && lost.missed > 0,
    },
    { claim: "every slot is paid", holds: slots.length > 0 && slots.every(({ state }) => state === "Paid") },
    isProven("every slot was proven at least twice after its last filling"),
    {
      claim: "the client paid for the time for which hosts are paid, and had the rest back",
      holds: lost.unpaidSeconds > 0n && client.before - client.after === price - refund,
    },
    {
      claim: "each host that kept its slot earned the price of it, the new one from its filling on",
      holds: slots.every(({ index, host }) => gain(at(hosts, host)) === payOf(index)),
    },
    {
      claim: "the dead host was paid nothing and lost what was slashed",
      holds: lost.slashed > 0n && gain(at(hosts, lost.host)) === -lost.slashed,
    },
    {
      claim: "the validator has its part of that, the rest is burnt",
      holds:
        validators.reduce((sum, one) => sum + gain(one), 0n) === lost.markerReward &&
        outcome.contractTokens === lost.slashed - lost.markerReward,
    },
    ...isCleared,
  ]
}

/** The outcome for machines: amounts are decimal strings. */
export const toJson = (outcome: Outcome, ok: boolean) => {
  const { lost, request } = outcome
  const { price, refund } = money(outcome)
  return {
    ok,
    file: outcome.file,
    retrievedSha256: outcome.retrievedSha256,
    request: { id: request.id, state: request.state },
    slots: outcome.slots.map(({ index, host, state }) => ({ index, host, state })),
    lostSlot: {
      index: lost.index,
      host: lost.host,
      retrievedSha256: lost.retrievedSha256,
      missedProofs: lost.missed,
      slashed: `${lost.slashed}`,
      markerReward: `${lost.markerReward}`,
      unpaidSeconds: Number(lost.unpaidSeconds),
    },
    proofsSubmitted: proofsOf(outcome) + lost.proofs,
    price: `${price}`,
    refund: `${refund}`,
    balances: balancesJson(outcome),
    seconds: outcome.seconds,
  }
}

const nameIn = ({ hosts }: Outcome, address: Address | undefined) =>
  `host ${hosts.findIndex((host) => host.address === address) + 1}`

/** Whose the money of the lost slot became. */
const settlementOf = (outcome: Outcome): ReadonlyArray<string> => {
  const { lost, slots } = outcome
  const { payOf, refund } = money(outcome)
  const [dead, heir] = [nameIn(outcome, lost.host), nameIn(outcome, slots[lost.index]?.host)]
  const { index, markerReward, missed, slashed, unpaidSeconds } = lost
  return [
    `  Slot ${index}: ${heir} earned ${grouped(payOf(index))}. For the ${unpaidSeconds}s before it nobody is paid: ${grouped(refund)} went back to the client.`,
    `  ${missed} misses of ${dead} were marked: ${grouped(slashed)} of its collateral slashed, ${grouped(markerReward)} of that for the validator, ${grouped(slashed - markerReward)} burnt.`,
  ]
}

/** The outcome for people. */
export const toLines = (outcome: Outcome): ReadonlyArray<string> => [
  "",
  ...balanceLines(outcome),
  "",
  ...settlementOf(outcome),
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
