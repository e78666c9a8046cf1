import { MarketplaceConfig } from "@pecia/contracts-abi"

/** The numbers of the demo. Short periods, so that there is something to see; seconds and token base units. */
export interface Plan {
  readonly config: MarketplaceConfig
  readonly hosts: number
  readonly slots: number
  readonly durationSeconds: bigint
  readonly expirySeconds: bigint
  readonly pricePerBytePerSecond: bigint
  readonly clientTokens: bigint
  readonly hostTokens: bigint
  readonly slotSizeBytes: bigint
}

/** What the client pays in advance. */
export const priceOf = (
  plan: Pick<Plan, "slots" | "slotSizeBytes" | "pricePerBytePerSecond" | "durationSeconds">,
): bigint => BigInt(plan.slots) * plan.slotSizeBytes * plan.pricePerBytePerSecond * plan.durationSeconds

const blockBytes = 65_536n

export const planFor = (fileBytes: bigint): Plan => {
  const hosts = 3
  const slots = 3
  const blocks = (fileBytes + blockBytes - 1n) / blockBytes
  const blocksPerSlot = (blocks + BigInt(slots) - 1n) / BigInt(slots)
  const slotSizeBytes = (blocksPerSlot === 0n ? 1n : blocksPerSlot) * blockBytes
  // A larger file takes longer to reach the hosts; the contract has to outlast that, and two proofs of every slot.
  const durationSeconds = 28n + fileBytes / 2_500_000n
  const pricePerBytePerSecond = 1n
  const price = priceOf({ slots, slotSizeBytes, pricePerBytePerSecond, durationSeconds })
  return {
    config: new MarketplaceConfig({
      collateral: { initialAmount: 100_000n, minimumAmount: 40_000n, slashCriterion: 3n, slashPercentage: 10n },
      proofs: { period: 5n, timeout: 3n, downtime: 2n },
    }),
    hosts,
    slots,
    durationSeconds,
    expirySeconds: durationSeconds - 6n,
    pricePerBytePerSecond,
    clientTokens: price + price / 4n,
    hostTokens: 150_000n,
    slotSizeBytes,
  }
}
