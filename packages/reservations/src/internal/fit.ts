import { Effect } from "effect"
import type { SlotDemand } from "../Reservation.ts"
import type { CriterionName, Survey } from "./match.ts"
import type { Records } from "./records.ts"
import * as Row from "./rows.ts"

/** Where a record stands among the fits; `seq` counts from 1. */
interface Position {
  readonly freeBytes: bigint
  readonly seq: bigint
}

/** The search for space in SQL. Its conditions say the same as the criteria of the reference. */
export const makeFit = ({ leaveOut, sql }: Records) => {
  const rulesOut = (slot: SlotDemand) => ({
    size: sql`free_bytes < ${slot.sizeBytes}`,
    duration: sql`duration_seconds < ${slot.durationSeconds}`,
    // SQL cannot multiply amounts: price * size > paid is the same as price > paid / size, rounded down.
    price: sql`min_price > ${Row.amountBytes(slot.pricePerSecond / slot.sizeBytes)}`,
    collateral: sql`total_collateral < ${Row.amountBytes(slot.collateral)}`,
    until: sql`until_seconds <> 0 AND until_seconds < ${slot.endSeconds}`,
  })

  /** The tightest fit that comes after a position. Walks the index of fits upwards, in which all that it compares is found. */
  const candidate = (slot: SlotDemand, after: Position) => {
    const { collateral, duration, price, until } = rulesOut(slot)
    return sql`
      SELECT seq, ${sql.literal(Row.availabilityColumns)} FROM space_availability
      WHERE enabled = 1 AND (free_bytes, seq) > (${after.freeBytes}, ${after.seq})
        AND NOT (${duration}) AND NOT (${price}) AND NOT (${collateral}) AND NOT (${until})
      ORDER BY free_bytes, seq LIMIT 1`
  }

  /** A record that cannot be read is passed over. */
  const bestFit = Effect.fnUntraced(function* (slot: SlotDemand) {
    let after: Position = { freeBytes: slot.sizeBytes, seq: 0n }
    for (let unreadable = 0; ; unreadable++) {
      const rows = yield* candidate(slot, after)
      const [best] = yield* leaveOut(Row.decodeAvailability)(rows)
      const [position] = yield* Row.decodePositions(rows)
      if (best !== undefined || position === undefined) return { best, unreadable }
      after = position
    }
  })

  const count = (name: CriterionName, condition: ReturnType<typeof rulesOut>[CriterionName], nearest: string) => {
    const filter = sql`FILTER (WHERE ${condition})`
    return sql`count(*) ${filter} AS ${sql(name)}, ${sql.literal(nearest)} ${filter} AS ${sql(`${name}Nearest`)}`
  }

  const survey = Effect.fnUntraced(function* (slot: SlotDemand) {
    const { collateral, duration, price, size, until } = rulesOut(slot)
    const [row] = yield* Effect.flatMap(
      sql`
        SELECT (SELECT count(*) FROM space_availability) AS offered, count(*) AS enabled,
          ${count("size", size, "max(free_bytes)")},
          ${count("duration", duration, "max(duration_seconds)")},
          ${count("price", price, "min(min_price)")},
          ${count("collateral", collateral, "max(total_collateral)")},
          ${count("until", until, "max(until_seconds)")}
        FROM space_availability WHERE enabled = 1`,
      Row.decodeSurvey,
    )
    const ruledOut = {
      size: { count: row.size, nearest: row.sizeNearest },
      duration: { count: row.duration, nearest: row.durationNearest },
      price: { count: row.price, nearest: row.priceNearest },
      collateral: { count: row.collateral, nearest: row.collateralNearest },
      until: { count: row.until, nearest: row.untilNearest },
    }
    return { offered: row.offered, disabled: row.offered - row.enabled, ruledOut } satisfies Survey
  })

  return { bestFit, candidate, survey }
}
