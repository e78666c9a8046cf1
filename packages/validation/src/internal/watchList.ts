import type { SlotId } from "@pecia/contracts-abi"
import type { ChainError } from "@pecia/market"
import { Effect } from "effect"

/** A slot that somebody has filled once. */
export interface Watched {
  readonly slotId: SlotId
  /** Whether the chain has said, since it was last heard of, that a host keeps it. */
  isSure: boolean
  /** How many missing proofs were seen since the latest proof. */
  misses: number
}

export type WatchList = ReturnType<typeof makeWatchList>

/** How many slots that were let go of a reorganisation can bring back. */
const mostLetGo = 1024

/**
 * The slots that a validator knows, in the order in which it heard of them. The first `limit` of those that a host keeps are watched;
 * when one is let go of, the next moves up.
 */
export const makeWatchList = (isKept: (slotId: SlotId) => Effect.Effect<boolean, ChainError>, limit: number) => {
  const known = new Map<SlotId, Watched>()
  const letGo = new Set<SlotId>()

  /** In the place that it has; what is being asked about it does not count any more. */
  const add = (slotId: SlotId) => {
    letGo.delete(slotId)
    known.set(slotId, { slotId, isSure: false, misses: 0 })
  }

  const drop = (slotId: SlotId) => {
    known.delete(slotId)
    letGo.add(slotId)
    const [oldest] = letGo
    if (oldest !== undefined && letGo.size > mostLetGo) letGo.delete(oldest)
  }

  const sift = Effect.fnUntraced(function* (slot: Watched) {
    const kept = yield* isKept(slot.slotId)
    if (known.get(slot.slotId) !== slot) return
    if (kept) slot.isSure = true
    else drop(slot.slotId)
  })

  const sure = () => Array.from(known.values()).filter(({ isSure }) => isSure)

  return {
    has: (slotId: SlotId) => known.has(slotId),
    add,
    /** Knows these and no others. */
    keepOnly: (slotIds: ReadonlyArray<SlotId>) => {
      const told = new Set(slotIds)
      for (const slotId of known.keys()) if (!told.has(slotId)) known.delete(slotId)
      for (const slotId of told) if (!known.has(slotId)) add(slotId)
    },
    /** After a reorganisation: nothing is sure. */
    doubtAll: () => {
      for (const slotId of [...known.keys(), ...letGo]) add(slotId)
    },
    /** Those about which the chain has to be asked. */
    get unsure(): ReadonlyArray<Watched> {
      return Array.from(known.values()).filter(({ isSure }) => !isSure)
    },
    /** Asks whether the slot is kept; lets go of it if it is not. */
    sift,
    get watched(): ReadonlyArray<Watched> {
      return sure().slice(0, limit)
    },
    get beyond(): number {
      return Math.max(0, sure().length - limit)
    },
  }
}
