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

const blockBytes = 65_536n
const slots = 3n

/** A larger file takes longer to reach the hosts; the contract has to outlast that and two proofs of every slot. */
const durationFor = (fileBytes: bigint) => 30n + fileBytes / 2_500_000n

export const planFor = (fileBytes: bigint): Plan => {
  const blocks = (fileBytes + blockBytes - 1n) / blockBytes
  const blocksPerSlot = (blocks + slots - 1n) / slots
  const slotSizeBytes = (blocksPerSlot === 0n ? 1n : blocksPerSlot) * blockBytes
  const durationSeconds = durationFor(fileBytes)
  const pricePerBytePerSecond = 1n
  const price = slots * slotSizeBytes * pricePerBytePerSecond * durationSeconds
  return {
    config: new MarketplaceConfig({
      collateral: { initialAmount: 100_000n, minimumAmount: 40_000n, slashCriterion: 3n, slashPercentage: 10n },
      proofs: { period: 5n, timeout: 3n, downtime: 2n },
    }),
    hosts: 3,
    slots: Number(slots),
    durationSeconds,
    expirySeconds: durationSeconds - 10n,
    pricePerBytePerSecond,
    clientTokens: price + price / 4n,
    hostTokens: 150_000n,
    slotSizeBytes,
  }
}
