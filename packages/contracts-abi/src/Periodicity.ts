/** A period of time: its number since 1970 (contract interface, section 4). */
export type Period = bigint

/** The division of time into periods of `seconds` each. */
export interface Periodicity {
  readonly seconds: bigint
}

export const Periodicity = {
  /** The period that `time` (unix seconds) falls into. */
  periodOf: ({ seconds }: Periodicity, time: bigint): Period => time / seconds,
  /** The first second of the period. */
  periodStart: ({ seconds }: Periodicity, period: Period): bigint => period * seconds,
  /** The first second after the period. */
  periodEnd: ({ seconds }: Periodicity, period: Period): bigint => (period + 1n) * seconds,
}
