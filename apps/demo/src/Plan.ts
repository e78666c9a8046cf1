import { MarketplaceConfig } from "@pecia/contracts-abi"

/** The numbers of the demo, however the file is traded. Short periods, so that there is something to see; seconds and token base units. */
export interface Stage {
  readonly config: MarketplaceConfig
  readonly hosts: number
  readonly slots: number
  readonly durationSeconds: bigint
  readonly expirySeconds: bigint
  readonly clientTokens: bigint
  readonly hostTokens: bigint
  readonly slotSizeBytes: bigint
}

/** All slots in one request, at one price. */
export interface Plan extends Stage {
  readonly pricePerBytePerSecond: bigint
}

/** An auction for each slot. */
export interface OfferPlan extends Stage {
  readonly maxPricePerBytePerSecond: bigint
  /** The least price of each host; it offers for a tenth more. */
  readonly hostPricesPerBytePerSecond: ReadonlyArray<bigint>
}

/** What the client pays in advance. */
export const priceOf = (
  plan: Pick<Plan, "slots" | "slotSizeBytes" | "pricePerBytePerSecond" | "durationSeconds">,
): bigint => BigInt(plan.slots) * plan.slotSizeBytes * plan.pricePerBytePerSecond * plan.durationSeconds

const blockBytes = 65_536n
const hosts = 3
const slots = 3

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100_000n, minimumAmount: 40_000n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 5n, timeout: 3n, downtime: 2n },
})

const slotSizeOf = (fileBytes: bigint) => {
  const blocks = (fileBytes + blockBytes - 1n) / blockBytes
  const blocksPerSlot = (blocks + BigInt(slots) - 1n) / BigInt(slots)
  return (blocksPerSlot === 0n ? 1n : blocksPerSlot) * blockBytes
}

export const planFor = (fileBytes: bigint): Plan => {
  const slotSizeBytes = slotSizeOf(fileBytes)
  // A larger file takes longer to reach the hosts; the contract has to outlast that, and two proofs of every slot.
  const durationSeconds = 28n + fileBytes / 2_500_000n
  const pricePerBytePerSecond = 1n
  const price = priceOf({ slots, slotSizeBytes, pricePerBytePerSecond, durationSeconds })
  return {
    config,
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

export const offerPlanFor = (fileBytes: bigint): OfferPlan => {
  const slotSizeBytes = slotSizeOf(fileBytes)
  // Counted from the start, when the data is at the hosts. At least three whole periods lie within, so that one may owe no proof.
  // A larger file takes longer to fetch back.
  const durationSeconds = 20n + fileBytes / 5_000_000n
  const maxPricePerBytePerSecond = 10n
  const price = priceOf({ slots, slotSizeBytes, pricePerBytePerSecond: maxPricePerBytePerSecond, durationSeconds })
  return {
    config,
    hosts,
    slots,
    durationSeconds,
    // The client selects when a quarter of it has passed; a larger file takes longer to reach the hosts.
    expirySeconds: 32n + fileBytes / 2_000_000n,
    maxPricePerBytePerSecond,
    hostPricesPerBytePerSecond: [5n, 6n, 7n],
    clientTokens: price + price / 4n,
    // Until the client has selected, each host has a bid on each slot, and collateral for it.
    hostTokens: 350_000n,
    slotSizeBytes,
  }
}
