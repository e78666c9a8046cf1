import type { Address } from "@pecia/contracts-abi"

// What every demo ends with, however the file is traded.

/** What an account has: wallet plus collateral, in token base units. */
export interface Balance {
  readonly before: bigint
  readonly after: bigint
}

/** What a host has. */
export interface HostHolding extends Balance {
  readonly address: Address
  /** What is on its disk and what it offers; null: it is dead, and cannot be asked. */
  readonly space: { readonly usedBytes: bigint; readonly freeBytes: bigint; readonly offeredBytes: bigint } | null
}

/** Who holds what at the end. */
export interface Holdings {
  readonly file: { readonly bytes: number; readonly sha256: string }
  readonly retrievedSha256: string
  readonly slots: ReadonlyArray<{ readonly index: number; readonly proofs: number }>
  readonly client: Balance
  readonly hosts: ReadonlyArray<HostHolding>
  readonly validators: ReadonlyArray<Balance & { readonly address: Address }>
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
  const { client, hosts, slots, validators } = outcome
  const held = [client, ...hosts, ...validators].reduce((sum, { after }) => sum + after, outcome.contractTokens)
  const fileIsBack: Claim = {
    claim: "the file that came back from the hosts is the file",
    holds: outcome.retrievedSha256 === outcome.file.sha256,
  }
  const isProven = (claim: string): Claim => ({ claim, holds: slots.every(({ proofs }) => proofs >= 2) })
  const isCleared: ReadonlyArray<Claim> = [
    { claim: "no host keeps data", holds: hosts.every(({ space }) => space === null || space.usedBytes === 0n) },
    {
      claim: "all space is on offer again",
      holds: hosts.every(({ space }) => space === null || space.freeBytes === space.offeredBytes),
    },
    { claim: "all accounts and the contract together hold exactly what was minted", holds: held === outcome.minted },
  ]
  return { fileIsBack, isProven, isCleared }
}

export const proofsOf = ({ slots }: Holdings): number => slots.reduce((sum, { proofs }) => sum + proofs, 0)

/** Amounts are decimal strings. */
export const balancesJson = ({ client, contractTokens, hosts, validators }: Holdings) => {
  const ofAll = (accounts: ReadonlyArray<Balance & { readonly address: Address }>) =>
    accounts.map(({ address, before, after }) => ({ address, before: `${before}`, after: `${after}` }))
  return {
    client: { before: `${client.before}`, after: `${client.after}` },
    hosts: ofAll(hosts),
    validators: ofAll(validators),
    contract: { before: "0", after: `${contractTokens}` },
  }
}

/** An amount of tokens for people. */
export const grouped = (amount: bigint) => `${amount}`.replace(/\B(?=(\d{3})+$)/g, ",")
const signed = (amount: bigint) => `${amount > 0n ? "+" : ""}${grouped(amount)}`

/** A row of a table of amounts. */
export const row = (name: string, ...cells: ReadonlyArray<string>) =>
  `  ${name.padEnd(16)}${cells.map((cell) => cell.padStart(18)).join("")}`

export const balanceLines = ({ client, hosts, validators, contractTokens }: Holdings): ReadonlyArray<string> => {
  const of = (name: string, { before, after }: Balance) =>
    row(name, grouped(before), grouped(after), signed(after - before))
  return [
    row("TOKENS", "BEFORE", "AFTER", "CHANGE"),
    of("client", client),
    ...hosts.map((host, index) => of(`host ${index + 1}${host.space === null ? ", dead" : ""}`, host)),
    ...validators.map((validator, index) => of(`validator ${index + 1}`, validator)),
    of("contract", { before: 0n, after: contractTokens }),
  ]
}

export const claimLines = (claims: ReadonlyArray<Claim>) =>
  claims.map(({ claim, holds }) => `  ${holds ? "✓" : "✗"} ${claim}`)
