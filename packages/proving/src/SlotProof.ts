import type { RevealedPair } from "@pecia/trees"
import { Result } from "effect"
import { keccak256 } from "ethers"
import { verifySamples } from "./internal/verifySamples.ts"
import type { ProofRefused } from "./ProofRefused.ts"
import { ProofScheme, type ProofShape, type UnusableScheme } from "./ProofScheme.ts"
import type { SlotStatement } from "./SlotStatement.ts"

/**
 * A proof is k samples, then one path of siblings from the slot root to the dataset root, packed. A sample is a 64-byte pair and
 * its path of siblings to the slot root, bottom up. Which pairs: `sampledPairs`. The length is exact: `ProofShape.sizeBytes`.
 */
export const SlotProof = {
  /** The pairs that a challenge asks for: sample i is uint256(keccak256(abi.encode(challenge, slotId, i))) mod the number of pairs. */
  sampledPairs: ({ samples, pairs }: ProofShape, { challenge, slotId }: SlotStatement): ReadonlyArray<bigint> =>
    Array.from({ length: samples }, (_, i) => {
      const encoded = Buffer.alloc(96)
      encoded.write(challenge.slice(2), 0, "hex")
      encoded.write(slotId.slice(2), 32, "hex")
      encoded.writeUInt32BE(i, 92)
      return BigInt(keccak256(encoded)) % pairs
    }),

  /** Packs revealed pairs and the path from the slot root to the dataset root. */
  encode: (samples: ReadonlyArray<RevealedPair>, datasetPath: ReadonlyArray<Uint8Array>): Uint8Array =>
    new Uint8Array(Buffer.concat([...samples.flatMap(({ pair, path }) => [pair, ...path]), ...datasetPath])),

  /** Whether the bytes prove the statement. */
  verify: (statement: SlotStatement, proof: Uint8Array): Result.Result<void, ProofRefused | UnusableScheme> =>
    Result.flatMap(ProofScheme.shape(statement.scheme, statement.slotSizeBytes, statement.slots), (shape) =>
      verifySamples(shape, statement, SlotProof.sampledPairs(shape, statement), proof),
    ),
}
