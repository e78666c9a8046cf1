import { Record, Result, Struct } from "effect"
import type { Availability } from "../Availability.ts"
import type { SlotDemand } from "../Reservation.ts"
import { maxAmount, maxInteger } from "./limits.ts"

const demandLimits = [
  ["slotIndex", 0n, maxAmount],
  ["sizeBytes", 1n, maxInteger],
  ["durationSeconds", 0n, maxInteger],
  ["pricePerSecond", 0n, maxAmount],
  ["collateral", 0n, maxAmount],
  ["endSeconds", 0n, maxInteger],
] as const

/** Fails with the reason why no availability could ever suit the slot. */
export const checkDemand = (slot: SlotDemand): Result.Result<SlotDemand, string> => {
  for (const [term, least, most] of demandLimits) {
    if (slot[term] < least || slot[term] > most) {
      return Result.fail(`the slot's ${term} is ${slot[term]}, which is not between ${least} and ${most}`)
    }
  }
  return Result.succeed(slot)
}

/** What can rule an enabled availability out. */
interface Criterion {
  readonly rulesOut: (availability: Availability, slot: SlotDemand) => boolean
  /** What the availability has of what the slot asks for. */
  readonly has: (availability: Availability) => bigint
  /** Of two that were ruled out, which came nearer to the slot's demand. */
  readonly nearer: "most" | "least"
  readonly sentence: (slot: SlotDemand, nearest: bigint) => string
}

export type CriterionName = "size" | "duration" | "price" | "collateral" | "until"

const criteria: { readonly [name in CriterionName]: Criterion } = {
  size: {
    rulesOut: (availability, slot) => availability.freeBytes < slot.sizeBytes,
    has: (availability) => availability.freeBytes,
    nearer: "most",
    sentence: (slot, nearest) => `too little free space (${slot.sizeBytes} bytes needed, at most ${nearest} free)`,
  },
  duration: {
    rulesOut: (availability, slot) => availability.durationSeconds < slot.durationSeconds,
    has: (availability) => availability.durationSeconds,
    nearer: "most",
    sentence: (slot, nearest) =>
      `too short a term (${slot.durationSeconds} seconds needed, at most ${nearest} offered)`,
  },
  price: {
    rulesOut: (availability, slot) => availability.minPricePerBytePerSecond * slot.sizeBytes > slot.pricePerSecond,
    has: (availability) => availability.minPricePerBytePerSecond,
    nearer: "least",
    sentence: (slot, nearest) =>
      `too high a price (${slot.pricePerSecond} per second paid, at least ${nearest * slot.sizeBytes} asked)`,
  },
  collateral: {
    rulesOut: (availability, slot) => availability.totalCollateral < slot.collateral,
    has: (availability) => availability.totalCollateral,
    nearer: "most",
    sentence: (slot, nearest) => `too little collateral (${slot.collateral} needed, at most ${nearest} put up)`,
  },
  until: {
    rulesOut: ({ untilSeconds }, slot) => untilSeconds !== 0n && untilSeconds < slot.endSeconds,
    has: (availability) => availability.untilSeconds,
    nearer: "most",
    sentence: (slot, nearest) =>
      `too early an end (the slot ends at ${slot.endSeconds}, space is offered until ${nearest})`,
  },
}

const suits = (availability: Availability, slot: SlotDemand): boolean =>
  availability.enabled && !Object.values(criteria).some((criterion) => criterion.rulesOut(availability, slot))

/** Leaves the least bytes free; the oldest of several. */
export const bestFit = (all: ReadonlyArray<Availability>, slot: SlotDemand): Availability | undefined =>
  all
    .filter((availability) => suits(availability, slot))
    .reduce<Availability | undefined>(
      (best, next) => (best === undefined || next.freeBytes < best.freeBytes ? next : best),
      undefined,
    )

/** How many availabilities were ruled out, and by what. `nearest` is null where none was. */
export interface Survey {
  readonly offered: bigint
  readonly disabled: bigint
  readonly ruledOut: { readonly [name in CriterionName]: { readonly count: bigint; readonly nearest: bigint | null } }
}

export const survey = (all: ReadonlyArray<Availability>, slot: SlotDemand): Survey => {
  const enabled = all.filter((availability) => availability.enabled)
  const ruledOutBy = ({ has, nearer, rulesOut }: Criterion) => {
    const values = enabled.filter((availability) => rulesOut(availability, slot)).map(has)
    const nearest = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).at(nearer === "least" ? 0 : -1)
    return { count: BigInt(values.length), nearest: nearest ?? null }
  }
  return {
    offered: BigInt(all.length),
    disabled: BigInt(all.length - enabled.length),
    ruledOut: Record.map(criteria, ruledOutBy),
  }
}

/** One sentence for each criterion that ruled some out. `unreadable` availabilities would have suited as far as one could see. */
export const reasons = (
  { offered, disabled, ruledOut }: Survey,
  slot: SlotDemand,
  unreadable = 0,
): ReadonlyArray<string> => {
  if (offered === 0n) return ["nothing is on offer"]
  const sentences = disabled === 0n ? [] : [`${disabled} of ${offered}: disabled`]
  for (const name of Struct.keys(criteria)) {
    const { count, nearest } = ruledOut[name]
    if (nearest !== null) sentences.push(`${count} of ${offered}: ${criteria[name].sentence(slot, nearest)}`)
  }
  if (unreadable > 0) sentences.push(`${unreadable} of ${offered}: damaged records, named in the log`)
  return sentences
}
