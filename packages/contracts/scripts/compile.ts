import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import solc from "solc"

export interface Compiled {
  readonly abi: ReadonlyArray<unknown>
  /** Creation code, 0x hex. */
  readonly bytecode: string
  /** Of the code that stands on the chain. */
  readonly runtimeBytes: number
  readonly storageLayout: StorageLayout
}

/** A place in storage: `offset` bytes from the right of the word `slot`. */
export interface StoredVariable {
  readonly label: string
  readonly slot: string
  readonly offset: number
  /** A key of the layout's types. */
  readonly type: string
}

/** Where a contract keeps its state, as solc says it. */
export interface StorageLayout {
  readonly storage: ReadonlyArray<StoredVariable>
  readonly types: Record<
    string,
    { readonly label: string; readonly numberOfBytes: string; readonly members?: ReadonlyArray<StoredVariable> }
  > | null
}

interface Diagnostic {
  readonly severity: "error" | "warning" | "info"
  readonly formattedMessage: string
  readonly sourceLocation?: { readonly file: string }
}

interface Code {
  readonly object: string
}

interface CompilerOutput {
  readonly errors?: ReadonlyArray<Diagnostic>
  readonly contracts: Record<string, Record<string, ContractOutput>>
}

interface ContractOutput {
  readonly abi: ReadonlyArray<unknown>
  readonly evm: { readonly bytecode: Code; readonly deployedBytecode: Code }
  readonly storageLayout: StorageLayout
}

/** The EVM's limit on the code of a contract, in bytes (EIP-170). */
export const maxRuntimeBytes = 24_576

const sourceFolder = fileURLToPath(new URL("../solidity/", import.meta.url))
const require = createRequire(import.meta.url)

const settings = {
  optimizer: { enabled: true, runs: 10000 },
  viaIR: true,
  evmVersion: "cancun",
  // no hash of the sources in the code: the same program compiles to the same bytes
  metadata: { bytecodeHash: "none" },
}

const readImport = (path: string) =>
  path.startsWith("@openzeppelin/contracts/")
    ? { contents: readFileSync(require.resolve(path), "utf8") }
    : { error: `only @openzeppelin/contracts may be imported, not ${path}` }

/** Compiles the named contracts, each from the file of its name. Throws on errors, warnings and code that is too large. */
export const compile = (names: ReadonlyArray<string>): ReadonlyMap<string, Compiled> => {
  const files = readdirSync(sourceFolder).sort()
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: readFileSync(`${sourceFolder}${file}`, "utf8") }]),
  )
  const wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"]
  const outputSelection = Object.fromEntries(names.map((name) => [`${name}.sol`, { [name]: wanted }]))
  const input = JSON.stringify({ language: "Solidity", sources, settings: { ...settings, outputSelection } })
  const output: CompilerOutput = JSON.parse(solc.compile(input, { import: readImport }))

  const complaints = (output.errors ?? []).filter(isOurs)
  if (complaints.length > 0) throw new Error(complaints.map((complaint) => complaint.formattedMessage).join("\n"))
  return new Map(names.map((name) => [name, compiled(name, output)]))
}

const isOurs = ({ severity, sourceLocation }: Diagnostic) =>
  severity === "error" || (severity === "warning" && !sourceLocation?.file.startsWith("@openzeppelin/"))

const compiled = (name: string, output: CompilerOutput): Compiled => {
  const contract = output.contracts[`${name}.sol`]?.[name]
  if (contract === undefined) throw new Error(`solidity/${name}.sol has no contract ${name}`)
  const runtimeBytes = contract.evm.deployedBytecode.object.length / 2
  if (runtimeBytes > maxRuntimeBytes)
    throw new Error(`${name} has ${runtimeBytes} bytes of code; the EVM takes no more than ${maxRuntimeBytes}`)
  const { abi, evm, storageLayout } = contract
  return { abi, bytecode: `0x${evm.bytecode.object}`, runtimeBytes, storageLayout }
}
