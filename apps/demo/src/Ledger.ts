import type { Address, RequestId, RequestState, SlotState } from "@pecia/contracts-abi"

/** What an account has: wallet plus collateral, in token base units. */
export interface Balance {
  readonly before: bigint
  readonly after: bigint
}

/** What came of the demo. */
export interface Outcome {
  readonly file: { readonly bytes: number; readonly sha256: string }
  readonly retrievedSha256: string
  readonly request: { readonly id: RequestId; readonly state: RequestState }
  readonly slots: ReadonlyArray<{
    readonly index: number
    readonly host: Address
    readonly state: SlotState
    readonly proofs: number
  }>
  readonly client: Balance
  readonly hosts: ReadonlyArray<
    Balance & {
      readonly address: Address
      readonly usedBytes: bigint
      readonly freeBytes: bigint
      readonly offeredBytes: bigint
    }
  >
  /** In the contract at the end, collateral left out. */
  readonly contractTokens: bigint
  readonly minted: bigint
  readonly price: bigint
  readonly seconds: number
}

/** What has to be true at the end; each line that is not is a failure of the demo. */
export const judge = (outcome: Outcome): ReadonlyArray<{ readonly claim: string; readonly holds: boolean }> => {
  const { client, hosts, slots } = outcome
  const held = hosts.reduce((sum, { after }) => sum + after, client.after + outcome.contractTokens)
  return [
    {
      claim: "the file that came back from the hosts is the file",
      holds: outcome.retrievedSha256 === outcome.file.sha256,
    },
    { claim: "the contract has finished", holds: outcome.request.state === "Finished" },
    { claim: "every slot is paid", holds: slots.length > 0 && slots.every(({ state }) => state === "Paid") },
    {
      claim: "every slot was proven at least twice after its filling",
      holds: slots.every(({ proofs }) => proofs >= 2),
    },
    { claim: "the client paid the price", holds: client.before - client.after === outcome.price },
    {
      claim: "the hosts earned the price",
      holds: hosts.reduce((sum, { before, after }) => sum + after - before, 0n) === outcome.price,
    },
    { claim: "no host keeps data", holds: hosts.every(({ usedBytes }) => usedBytes === 0n) },
    {
      claim: "all space is on offer again",
      holds: hosts.every(({ freeBytes, offeredBytes }) => freeBytes === offeredBytes),
    },
    { claim: "client, hosts and contract hold exactly what was minted", holds: held === outcome.minted },
  ]
}

/** The outcome for machines: amounts are decimal strings. */
export const toJson = (outcome: Outcome, ok: boolean) => ({
  ok,
  file: outcome.file,
  retrievedSha256: outcome.retrievedSha256,
  request: outcome.request,
  slots: outcome.slots.map(({ index, host, state }) => ({ index, host, state })),
  proofsSubmitted: outcome.slots.reduce((sum, { proofs }) => sum + proofs, 0),
  balances: {
    client: { before: `${outcome.client.before}`, after: `${outcome.client.after}` },
    hosts: outcome.hosts.map(({ address, before, after }) => ({ address, before: `${before}`, after: `${after}` })),
  },
  seconds: outcome.seconds,
})

const grouped = (amount: bigint) => `${amount}`.replace(/\B(?=(\d{3})+$)/g, ",")
const signed = (amount: bigint) => `${amount > 0n ? "+" : ""}${grouped(amount)}`

/** The outcome for people. */
export const toLines = (outcome: Outcome): ReadonlyArray<string> => {
  const row = (name: string, before: string, after: string, change: string) =>
    `  ${name.padEnd(10)}${before.padStart(18)}${after.padStart(18)}${change.padStart(18)}`
  const of = (name: string, { before, after }: Balance) =>
    row(name, grouped(before), grouped(after), signed(after - before))
  return [
    "",
    row("TOKENS", "BEFORE", "AFTER", "CHANGE"),
    of("client", outcome.client),
    ...outcome.hosts.map((host, index) => of(`host ${index + 1}`, host)),
    of("contract", { before: 0n, after: outcome.contractTokens }),
    "",
    ...judge(outcome).map(({ claim, holds }) => `  ${holds ? "✓" : "✗"} ${claim}`),
    "",
  ]
}
