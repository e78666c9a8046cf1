import { Result } from "effect"
import { Block } from "../../src/index.ts"
import { bytesOf } from "../bytesOf.ts"

export const crashQuotaBytes = 1n << 30n

/** Blocks of a few sizes, of which no two are equal; each tenth is metadata. */
export const crashBlock = (at: number): Block => {
  const bytes = bytesOf(((at % 7) + 1) * 9000, at + 1)
  return Result.getOrThrow(at % 10 === 0 ? Block.metadata(bytes) : Block.data(bytes))
}
