import { readFileSync } from "node:fs"
import { Artifact } from "@pecia/contracts"
import { Effect, Schema } from "effect"
import solc from "solc"
import { installed } from "./installed.ts"

const name = "SlotProofMaker"
const file = `${name}.sol`

const Output = Schema.fromJsonString(
  Schema.Struct({
    contracts: Schema.Struct({
      [file]: Schema.Struct({
        [name]: Schema.Struct({
          abi: Artifact.fields.abi,
          evm: Schema.Struct({ bytecode: Schema.Struct({ object: Schema.String }) }),
        }),
      }),
    }),
  }),
)

const compiled = Effect.gen(function* () {
  const content = readFileSync(new URL(`solidity/${file}`, import.meta.url), "utf8")
  const settings = {
    optimizer: { enabled: true },
    evmVersion: "cancun",
    outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } },
  }
  const output = solc.compile(JSON.stringify({ language: "Solidity", sources: { [file]: { content } }, settings }))
  const { abi, evm } = (yield* Schema.decodeUnknownEffect(Output)(output)).contracts[file][name]
  const artifact: Artifact = { abi, bytecode: `0x${evm.bytecode.object}` }
  return artifact
})

/** What a proof is made of: data in Solidity's hand, and what it is asked. */
export interface SolidityCase {
  /** 32 bytes as 0x hex. */
  readonly seed: string
  readonly slots: bigint
  readonly slotSize: bigint
  /** How many 32-byte chunks of each slot are not zero. */
  readonly chunks: bigint
  readonly slotIndex: bigint
  readonly samples: bigint
  readonly slotId: string
  readonly challenge: string
}

/** Solidity's own maker of proofs, on the devnet. */
export const slotProofMaker = Effect.gen(function* () {
  const { call } = yield* installed(yield* compiled)
  return {
    make: Effect.fnUntraced(function* ({ slotIndex, samples, slotId, challenge, ...data }: SolidityCase) {
      const [root, proof] = yield* call("make", [data, slotIndex, samples, slotId, challenge])
      return { root: String(root), proof: String(proof) }
    }),
  }
})
