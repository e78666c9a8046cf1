import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import solc from "solc"

/** What is published of a contract. */
export interface Artifact {
  readonly abi: ReadonlyArray<unknown>
  /** Creation code, 0x hex. */
  readonly bytecode: string
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
  readonly contracts: Record<
    string,
    Record<string, { abi: ReadonlyArray<unknown>; evm: { bytecode: Code; deployedBytecode: Code } }>
  >
}

/** The EVM's limit on the code of a contract, in bytes (EIP-170). */
const maxRuntimeBytes = 24_576

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
export const compile = (names: ReadonlyArray<string>): ReadonlyMap<string, Artifact> => {
  const files = readdirSync(sourceFolder).sort()
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: readFileSync(`${sourceFolder}${file}`, "utf8") }]),
  )
  const wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]
  const outputSelection = Object.fromEntries(names.map((name) => [`${name}.sol`, { [name]: wanted }]))
  const input = JSON.stringify({ language: "Solidity", sources, settings: { ...settings, outputSelection } })
  const output: CompilerOutput = JSON.parse(solc.compile(input, { import: readImport }))

  const complaints = (output.errors ?? []).filter(isOurs)
  if (complaints.length > 0) throw new Error(complaints.map((complaint) => complaint.formattedMessage).join("\n"))
  return new Map(names.map((name) => [name, artifactOf(name, output)]))
}

const isOurs = ({ severity, sourceLocation }: Diagnostic) =>
  severity === "error" || (severity === "warning" && !sourceLocation?.file.startsWith("@openzeppelin/"))

const artifactOf = (name: string, output: CompilerOutput): Artifact => {
  const contract = output.contracts[`${name}.sol`]?.[name]
  if (contract === undefined) throw new Error(`solidity/${name}.sol has no contract ${name}`)
  const runtimeBytes = contract.evm.deployedBytecode.object.length / 2
  if (runtimeBytes > maxRuntimeBytes)
    throw new Error(`${name} has ${runtimeBytes} bytes of code; the EVM takes no more than ${maxRuntimeBytes}`)
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` }
}
