import { type MarketplaceConfig, type Period, Periodicity, type SlotId } from "@pecia/contracts-abi"
import { BigInt as BigInts } from "effect"

/**
 * How a slot stands in a period. Settled: there is nothing left to ask. Excused: no proof was due when it was asked; the pointer may
 * leave its downtime yet. Failed: it could not be asked or marked.
 */
export type Standing = "Settled" | "Excused" | "Failed"

export interface OpenPeriod {
  readonly period: Period
  readonly standings: Map<SlotId, Standing>
}

export type OpenPeriods = ReturnType<typeof makeOpenPeriods>

type ProofConfig = Pick<MarketplaceConfig["proofs"], "period" | "timeout">

/** The periods whose missing proofs can be marked: strictly between their end and the time-out after it. */
export const makeOpenPeriods = ({ period: seconds, timeout }: ProofConfig) => {
  const open = new Map<Period, OpenPeriod>()
  let next: Period | undefined

  const endOf = (period: Period) => Periodicity.periodEnd({ seconds }, period)
  /** Late, but so that a transaction is mined in time. */
  const lastCall = (period: Period) => endOf(period) + timeout - BigInts.max(timeout / 4n, 1n)

  return {
    isLastCall: (period: Period, now: bigint) => now >= lastCall(period),

    /** Answers with the periods whose time is over, and how many passed unseen. */
    moveTo: (now: bigint) => {
      const closed = Array.from(open.values()).filter(({ period }) => endOf(period) + timeout <= now)
      for (const { period } of closed) open.delete(period)
      const oldest = BigInts.max(now - timeout, 0n) / seconds
      const unseen = next !== undefined && oldest > next ? oldest - next : 0n
      for (let period = BigInts.max(next ?? 0n, oldest); endOf(period) < now; period++) {
        if (now < endOf(period) + timeout) open.set(period, { period, standings: new Map() })
        next = period + 1n
      }
      return { closed, unseen }
    },

    /** After a reorganisation: everything has to be asked again. */
    reopen: () => {
      for (const { period } of open.values()) open.set(period, { period, standings: new Map() })
    },

    /** What has to be asked of these slots, the oldest period first. */
    due: <Slot extends { readonly slotId: SlotId }>(slots: ReadonlyArray<Slot>, now: bigint) =>
      Array.from(open.values()).flatMap((opened) =>
        slots
          .filter(({ slotId }) => {
            const standing = opened.standings.get(slotId)
            return standing === "Excused" ? now >= lastCall(opened.period) : standing !== "Settled"
          })
          .map((slot) => ({ slot, opened })),
      ),

    /** When there can be something new to ask: at the next end of a period, or at the last call for what was excused. */
    nextLook: (now: bigint): bigint => {
      const nextEnd = ((now + seconds - 1n) / seconds) * seconds
      const lastCalls = Array.from(open.values())
        .filter(({ standings }) => Array.from(standings.values()).includes("Excused"))
        .map(({ period }) => lastCall(period))
        .filter((time) => time > now)
      return lastCalls.reduce((one, other) => BigInts.min(one, other), nextEnd + 1n)
    },
  }
}
