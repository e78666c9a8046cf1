import { climb, hashPair, type RevealedPair } from "@pecia/trees"
import { Result, Schema } from "effect"
import { keccak256 } from "ethers"
import { ProofScheme, type ProofShape, type UnusableScheme } from "./ProofScheme.ts"
import type { SlotStatement } from "./SlotStatement.ts"

/** The bytes are not a proof of the statement. */
export class ProofRefused extends Schema.TaggedError<ProofRefused>()("ProofRefused", { detail: Schema.String }) {
  override get message() {
    return `The proof is refused: ${this.detail}.`
  }
}

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
    Uint8Array.from(Buffer.concat([...samples.flatMap(({ pair, path }) => [pair, ...path]), ...datasetPath])),

  /** Whether the bytes prove the statement. */
  verify: (statement: SlotStatement, proof: Uint8Array): Result.Result<void, ProofRefused | UnusableScheme> =>
    Result.flatMap(ProofScheme.shape(statement.scheme, statement.slotSizeBytes, statement.slots), (shape) =>
      verifyShaped(shape, statement, proof),
    ),
}

const refused = (detail: string) => Result.fail(new ProofRefused({ detail }))

const verifyShaped = (
  shape: ProofShape,
  statement: SlotStatement,
  proof: Uint8Array,
): Result.Result<void, ProofRefused> => {
  const { challenge, scheme, slotIndex, slots } = statement
  if (!/^0x[0-9a-f]{64}$/.test(challenge))
    return refused(`its challenge "${challenge}" is not 32 bytes in lower-case hex`)
  if (slotIndex < 0n || slotIndex >= slots) return refused(`there is no slot ${slotIndex} among ${slots}`)
  if (proof.length !== shape.sizeBytes) return refused(`it has ${proof.length} bytes, not ${shape.sizeBytes}`)

  const sampleBytes = 64 + 32 * (shape.slotDepth - 1)
  const datasetPath = proof.subarray(sampleBytes * shape.samples)
  for (const [i, pair] of SlotProof.sampledPairs(shape, statement).entries()) {
    const sample = proof.subarray(i * sampleBytes, (i + 1) * sampleBytes)
    const pairNode = hashPair(sample.subarray(0, 32), sample.subarray(32, 64))
    const slotRoot = climb(pairNode, pair, sample.subarray(64))
    if (Buffer.compare(climb(slotRoot, slotIndex, datasetPath), scheme.root) !== 0)
      return refused(`sample ${i}, pair ${pair} of slot ${slotIndex}, does not lead to the dataset root`)
  }
  return Result.void
}
