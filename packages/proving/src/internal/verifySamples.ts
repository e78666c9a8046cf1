import { climb, hashPair } from "@pecia/trees"
import { Result } from "effect"
import { ProofRefused } from "../ProofRefused.ts"
import type { ProofShape } from "../ProofScheme.ts"
import type { SlotStatement } from "../SlotStatement.ts"

const refused = (detail: string) => Result.fail(new ProofRefused({ detail }))

/** Whether the bytes prove the statement, which has this shape and asks for these pairs. */
export const verifySamples = (
  shape: ProofShape,
  { challenge, scheme, slotIndex, slots }: SlotStatement,
  pairs: ReadonlyArray<bigint>,
  proof: Uint8Array,
): Result.Result<void, ProofRefused> => {
  if (!/^0x[0-9a-f]{64}$/.test(challenge))
    return refused(`its challenge "${challenge}" is not 32 bytes in lower-case hex`)
  if (slotIndex < 0n || slotIndex >= slots) return refused(`there is no slot ${slotIndex} among ${slots}`)
  if (proof.length !== shape.sizeBytes) return refused(`it has ${proof.length} bytes, not ${shape.sizeBytes}`)

  const sampleBytes = 64 + 32 * (shape.slotDepth - 1)
  const datasetPath = proof.subarray(sampleBytes * shape.samples)
  for (const [i, pair] of pairs.entries()) {
    const sample = proof.subarray(i * sampleBytes, (i + 1) * sampleBytes)
    const pairNode = hashPair(sample.subarray(0, 32), sample.subarray(32, 64))
    const slotRoot = climb(pairNode, pair, sample.subarray(64))
    if (Buffer.compare(climb(slotRoot, slotIndex, datasetPath), scheme.root) !== 0)
      return refused(`sample ${i}, pair ${pair} of slot ${slotIndex}, does not lead to the dataset root`)
  }
  return Result.void
}
