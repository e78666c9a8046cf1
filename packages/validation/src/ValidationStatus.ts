import type { Option } from "effect"

/** How a validator stands. */
export interface ValidationStatus {
  /** How many slots it watches. */
  readonly watched: number
  /** How many slots it was told of beyond its limit; they move up as others end. */
  readonly beyond: number
  /** How many proofs it has marked as missing since it started. */
  readonly marked: number
  /** What failed when it looked last; none: nothing. */
  readonly lastError: Option.Option<string>
}
