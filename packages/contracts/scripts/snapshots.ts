import { type Compiled, maxRuntimeBytes, type StorageLayout, type StoredVariable } from "./compile.ts"
import type { GasRow } from "./Meter.ts"

type Contracts = ReadonlyMap<string, Compiled>

const lines = (...texts: ReadonlyArray<string>) => `${texts.join("\n")}\n`

/** Numbers, each under its heading, and what they are of. */
const row = (texts: ReadonlyArray<string | number>, what: string) =>
  `${texts.map((text) => `${text}`.padStart(10)).join("")}  ${what}`

export const sizesText = (contracts: Contracts) =>
  lines(
    `Code as it stands on the chain, which takes at most ${maxRuntimeBytes} bytes. Written by "pnpm generate".`,
    "",
    row(["bytes", "room"], "contract"),
    ...[...contracts].map(([name, { runtimeBytes }]) => row([runtimeBytes, maxRuntimeBytes - runtimeBytes], name)),
  )

/** The contracts whose state is worth a look. */
const markets = ["Marketplace", "OfferMarket", "TestMarketplace"]

/** Contracts that keep their state in the same way stand together. */
export const storageLayoutText = (contracts: Contracts) => {
  const namesOf = new Map<string, ReadonlyArray<string>>()
  for (const [name, { storageLayout }] of contracts) {
    const text = layoutText(storageLayout)
    if (markets.includes(name)) namesOf.set(text, [...(namesOf.get(text) ?? []), name])
  }
  return lines(
    'Where state is kept: in which word, at which byte from the right, in how many bytes. Written by "pnpm generate".',
    ...[...namesOf].flatMap(([text, names]) => ["", names.join(", "), text]),
  )
}

const layoutText = ({ storage, types }: StorageLayout): string => {
  const variables = (of: ReadonlyArray<StoredVariable>) => [
    row(["word", "byte", "bytes"], "variable"),
    ...of.map(({ label, offset, slot, type }) => {
      const { label: typeLabel, numberOfBytes } = types?.[type] ?? { label: type, numberOfBytes: "?" }
      return row([slot, offset, numberOfBytes], `${label}: ${typeLabel}`)
    }),
  ]
  const structs = Object.values(types ?? {}).flatMap(({ label, members }) =>
    members === undefined ? [] : ["", label, ...variables(members)],
  )
  return [...variables(storage), ...structs].join("\n")
}

const total = (rows: ReadonlyArray<GasRow>) => rows.reduce((sum, { gas }) => sum + gas, 0)

export const gasText = (rows: ReadonlyArray<GasRow>) =>
  lines(
    'Gas of whole transactions. Written by "pnpm snapshot".',
    "",
    row(["gas", "calldata"], "transaction"),
    ...rows.map(({ calldataBytes, gas, label }) => row([gas, calldataBytes], label)),
    "",
    row([total(rows.filter(({ label }) => !label.startsWith("create "))), ""], "all but creations"),
  )
