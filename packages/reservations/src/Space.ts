import { Schema } from "effect"

/** How a node's space is used. All numbers are bytes of data blocks unless they say metadata. */
export class Space extends Schema.Class<Space>("@pecia/reservations/Space")({
  quotaBytes: Schema.BigInt,
  /** Blocks that are on disk. */
  usedBytes: Schema.BigInt,
  /** Free in availabilities, or held for a slot or an upload. */
  reservedBytes: Schema.BigInt,
  metadataUsedBytes: Schema.BigInt,
  metadataQuotaBytes: Schema.BigInt,
}) {
  /** What may still be offered or held. None when the quota was lowered below what is in use. */
  get leftBytes(): bigint {
    return atLeastZero(this.quotaBytes - this.usedBytes - this.reservedBytes)
  }

  get metadataLeftBytes(): bigint {
    return atLeastZero(this.metadataQuotaBytes - this.metadataUsedBytes)
  }
}

const atLeastZero = (n: bigint) => (n < 0n ? 0n : n)
