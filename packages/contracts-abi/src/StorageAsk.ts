import { Result, Schema } from "effect"
import type { AbiError } from "./AbiError.ts"
import { type AbiAsk, readAsk } from "./internal/requestTuple.ts"
import { Uint64, Uint256 } from "./Uint.ts"

/** What a client asks for and pays. All that the ABI can carry is accepted here; `StorageRequest.sense` says whether it can work. */
export class StorageAsk extends Schema.Class<StorageAsk>("@pecia/contracts-abi/StorageAsk")({
  slots: Uint64,
  /** Bytes of one slot. */
  slotSize: Uint256,
  /** Seconds. */
  duration: Uint256,
  /** About one proof in so many periods. */
  proofProbability: Uint256,
  /** Token base units per second per slot. */
  reward: Uint256,
  /** How many slots may be lost before the request fails. */
  maxSlotLoss: Uint64,
}) {
  /** What one slot costs for the whole duration. */
  static pricePerSlot(ask: StorageAsk): bigint {
    return ask.duration * ask.reward
  }

  /** What the client pays in advance. */
  static price(ask: StorageAsk): bigint {
    return ask.slots * StorageAsk.pricePerSlot(ask)
  }

  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<StorageAsk, AbiError> {
    return Result.map(readAsk(tuple), StorageAsk.ofAbi)
  }

  static ofAbi([slots, slotSize, duration, proofProbability, reward, maxSlotLoss]: AbiAsk): StorageAsk {
    return new StorageAsk({ slots, slotSize, duration, proofProbability, reward, maxSlotLoss })
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi(ask: StorageAsk): AbiAsk {
    return [ask.slots, ask.slotSize, ask.duration, ask.proofProbability, ask.reward, ask.maxSlotLoss]
  }
}
