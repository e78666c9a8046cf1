import type { Address } from "@pecia/contracts-abi"

// What every demo ends with, however the file is traded.

/** What an account has: wallet plus collateral, in token base units. */
export interface Balance {
  readonly before: bigint
  readonly after: bigint
}

/** Who holds what at the end. */
export interface Holdings {
  readonly file: { readonly bytes: number; readonly sha256: string }
  readonly retrievedSha256: string
  readonly slots: ReadonlyArray<{ readonly index: number; readonly proofs: number }>
  readonly client: Balance
  readonly hosts: ReadonlyArray<
    Balance & {
      readonly address: Address
      readonly usedBytes: bigint
      readonly freeBytes: bigint
      readonly offeredBytes: bigint
    }
  >
  /** In the contracts at the end, collateral left out. */
  readonly contractTokens: bigint
  readonly minted: bigint
  readonly seconds: number
}

/** Something that has to be true at the end. */
export interface Claim {
  readonly claim: string
  readonly holds: boolean
}

/** What came of a demo, for its judges, for people and for machines. */
export interface Report {
  readonly claims: ReadonlyArray<Claim>
  readonly lines: ReadonlyArray<string>
  readonly json: unknown
}

export const holdingsClaims = (outcome: Holdings) => {
  const { client, hosts, slots } = outcome
  const held = hosts.reduce((sum, { after }) => sum + after, client.after + outcome.contractTokens)
  const fileIsBack: Claim = {
    claim: "the file that came back from the hosts is the file",
    holds: outcome.retrievedSha256 === outcome.file.sha256,
  }
  const isProven = (claim: string): Claim => ({ claim, holds: slots.every(({ proofs }) => proofs >= 2) })
  const isCleared: ReadonlyArray<Claim> = [
    { claim: "no host keeps data", holds: hosts.every(({ usedBytes }) => usedBytes === 0n) },
    {
      claim: "all space is on offer again",
      holds: hosts.every(({ freeBytes, offeredBytes }) => freeBytes === offeredBytes),
    },
    { claim: "client, hosts and contract hold exactly what was minted", holds: held === outcome.minted },
  ]
  return { fileIsBack, isProven, isCleared }
}

export const proofsOf = ({ slots }: Holdings): number => slots.reduce((sum, { proofs }) => sum + proofs, 0)

/** Amounts are decimal strings. */
export const balancesJson = ({ client, hosts }: Holdings) => ({
  client: { before: `${client.before}`, after: `${client.after}` },
  hosts: hosts.map(({ address, before, after }) => ({ address, before: `${before}`, after: `${after}` })),
})

/** An amount of tokens for people. */
export const grouped = (amount: bigint) => `${amount}`.replace(/\B(?=(\d{3})+$)/g, ",")
const signed = (amount: bigint) => `${amount > 0n ? "+" : ""}${grouped(amount)}`

/** A row of a table of amounts. */
export const row = (name: string, ...cells: ReadonlyArray<string>) =>
  `  ${name.padEnd(10)}${cells.map((cell) => cell.padStart(18)).join("")}`

export const balanceLines = ({ client, hosts, contractTokens }: Holdings): ReadonlyArray<string> => {
  const of = (name: string, { before, after }: Balance) =>
    row(name, grouped(before), grouped(after), signed(after - before))
  return [
    row("TOKENS", "BEFORE", "AFTER", "CHANGE"),
    of("client", client),
    ...hosts.map((host, index) => of(`host ${index + 1}`, host)),
    of("contract", { before: 0n, after: contractTokens }),
  ]
}

export const claimLines = (claims: ReadonlyArray<Claim>) =>
  claims.map(({ claim, holds }) => `  ${holds ? "✓" : "✗"} ${claim}`)
