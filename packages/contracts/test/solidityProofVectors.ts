import { fileURLToPath } from "node:url"
import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"
import { type SolidityCase, slotProofMaker } from "./SlotProofMaker.ts"
import { bytesFrom, hex } from "./slotProofs.ts"

/** Where they are read by the verifier in TypeScript. */
export const vectorsPath = fileURLToPath(
  new URL("../../proving/test/fixtures/solidity-proof-vectors.json", import.meta.url),
)

type Sizes = Pick<SolidityCase, "slots" | "slotSize" | "chunks" | "slotIndex" | "samples">

const cases: Readonly<Record<string, Sizes>> = {
  "the only slot, one full block": { slots: 1n, slotSize: 65_536n, chunks: 2048n, slotIndex: 0n, samples: 5n },
  "the second of two slots, its end zero": { slots: 2n, slotSize: 65_536n, chunks: 1999n, slotIndex: 1n, samples: 5n },
  "the last of three slots of three blocks": {
    slots: 3n,
    slotSize: 196_608n,
    chunks: 6000n,
    slotIndex: 2n,
    samples: 5n,
  },
  "the fifth of five slots, nearly all zero": { slots: 5n, slotSize: 131_072n, chunks: 9n, slotIndex: 4n, samples: 2n },
  "64 samples of one block": { slots: 1n, slotSize: 65_536n, chunks: 2000n, slotIndex: 0n, samples: 64n },
}

/** Proofs that Solidity makes of data of its own, always the same; numbers are decimal, bytes 0x hex. */
export const solidityProofVectors = Effect.gen(function* () {
  const { make } = yield* slotProofMaker
  const vectors = yield* Effect.forEach(Object.entries(cases), ([name, sizes]) => {
    const bytes = (what: string) => hex(bytesFrom(`${name}, ${what}`, 32))
    const asked = { slotId: bytes("slot id"), challenge: bytes("challenge") }
    const about = { seed: bytes("seed"), ...sizes, ...asked }
    return Effect.map(make(about), (made) => ({ name, ...about, ...made }))
  })
  return `${JSON.stringify(vectors, (_, value) => (typeof value === "bigint" ? `${value}` : value), 2)}\n`
}).pipe(Effect.provide(Devnet.layer()))
