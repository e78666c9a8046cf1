import type { MarketplaceConfig, Period, SlotId } from "@pecia/contracts-abi"
import { Periodicity } from "@pecia/contracts-abi"
import { concat, keccak256, toBeHex } from "ethers"

/** A slot that is Filled; for one in any other state no proof is ever required. */
export interface FilledSlot {
  readonly slotId: SlotId
  /** Unix seconds. */
  readonly filledAt: bigint
  /** About one proof in so many periods: `proofProbability` of the request. */
  readonly probability: bigint
}

/** The block of the transaction or call that asks: the latest one in a `latest` call, the one after it in a `pending` call. */
export interface AskingBlock {
  readonly number: bigint
  /** The hash (32 bytes as hex with 0x) of one of the 256 blocks before it. */
  readonly hashOf: (number: bigint) => string
}

/**
 * Whether a proof is due in a period: `Due`, it is required and can be marked as missing; `Upcoming`, it will be once the pointer has
 * left its downtime; `None`.
 */
export type ProofRequirement = "None" | "Upcoming" | "Due"

type ProofConfig = MarketplaceConfig["proofs"]

/** When proofs are due: what the contract answers (contract interface, section 4), as pure functions. */
export const ProofSchedule = {
  /**
   * How many blocks before the asking one's predecessor the challenge is taken from: 0 to 255, one more with each block. Where it stands
   * in another period is not related.
   */
  pointer: (slotId: SlotId, period: Period, blockNumber: bigint): bigint =>
    (blockNumber + BigInt(keccak256(concat([slotId, toBeHex(period, 32)])))) % 256n,

  /** What the hash of the block that the pointer names makes of itself. */
  challenge: (blockHash: string): string => keccak256(blockHash),

  /** The challenge of a slot for whoever asks in this block. */
  challengeAt: (slotId: SlotId, period: Period, block: AskingBlock): string =>
    ProofSchedule.challenge(block.hashOf(block.number - 1n - ProofSchedule.pointer(slotId, period, block.number))),

  /** `Due` is what `isProofRequired`, `Upcoming` what `willProofBeRequired` answers for the current period. */
  requirement: (config: ProofConfig, slot: FilledSlot, period: Period, block: AskingBlock): ProofRequirement => {
    const { slotId, filledAt, probability } = slot
    if (period <= Periodicity.periodOf({ seconds: config.period }, filledAt)) return "None"
    const oneIn = (probability * (256n - config.downtime)) / 256n
    const challenge = BigInt(ProofSchedule.challengeAt(slotId, period, block))
    if (oneIn !== 0n && challenge % oneIn !== 0n) return "None"
    return ProofSchedule.pointer(slotId, period, block.number) < config.downtime ? "Upcoming" : "Due"
  },

  /** After how many more blocks another answer is possible in the same period: the pointer leaves its downtime, or begins anew. */
  blocksUntilChange: ({ downtime }: ProofConfig, pointer: bigint): bigint =>
    (pointer < downtime ? downtime : 256n) - pointer,

  /**
   * Whether an `Upcoming` proof can be marked as missing although it does not become `Due` before its period ends: marking asks again,
   * in blocks after the period, and the pointer may have left its downtime by then. `secondsLeft`: until the period ends. There
   * is at most one block a second.
   */
  canComeDueTooLate: ({ downtime, timeout }: ProofConfig, pointer: bigint, secondsLeft: bigint): boolean =>
    pointer + secondsLeft + timeout >= downtime,
}
