import { MarketplaceConfig } from "@pecia/contracts-abi"

/** The numbers of the demo, however the file is traded. Short periods, so that there is something to see; seconds and token base units. */
export interface Stage {
  readonly config: MarketplaceConfig
  readonly hosts: number
  readonly validators: number
  /** Parity included. */
  readonly slots: number
  /** How many of the slots are parity: so many can be lost. */
  readonly tolerance: number
  readonly durationSeconds: bigint
  readonly expirySeconds: bigint
  readonly clientTokens: bigint
  readonly hostTokens: bigint
  readonly slotSizeBytes: bigint
}

/** All slots in one request, at one price. One host more than there are slots: it takes the slot of the one that dies. */
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
const slots = 3
const tolerance = 1

// A host that lives may come too late twice, should the machine be slow; whoever misses three proofs loses the slot. A downtime is more
// blocks than a time-out takes, so that no proof is owed that nobody could foresee.
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100_000n, minimumAmount: 70_000n, slashCriterion: 3n, slashPercentage: 40n },
  proofs: { period: 4n, timeout: 4n, downtime: 8n },
})

const slotSizeOf = (fileBytes: bigint) => {
  const blocks = (fileBytes + blockBytes - 1n) / blockBytes
  const dataSlots = BigInt(slots - tolerance)
  const blocksPerSlot = (blocks + dataSlots - 1n) / dataSlots
  return (blocksPerSlot === 0n ? 1n : blocksPerSlot) * blockBytes
}

export const planFor = (fileBytes: bigint): Plan => {
  const slotSizeBytes = slotSizeOf(fileBytes)
  // Longer than the play takes on the slowest machine: when all has been seen, the chain's clock is set forward to the end.
  const durationSeconds = 600n + fileBytes / 250_000n
  const pricePerBytePerSecond = 1n
  const price = priceOf({ slots, slotSizeBytes, pricePerBytePerSecond, durationSeconds })
  return {
    config,
    hosts: slots + 1,
    validators: 1,
    slots,
    tolerance,
    durationSeconds,
    expirySeconds: durationSeconds / 2n,
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
    hosts: slots,
    validators: 0,
    slots,
    tolerance,
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
