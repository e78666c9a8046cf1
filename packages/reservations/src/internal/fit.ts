import { Effect } from "effect"
import type { Availability } from "../Availability.ts"
import type { SlotDemand } from "../Reservation.ts"
import type { CriterionName, Survey } from "./match.ts"
import type { Records } from "./records.ts"
import * as Row from "./rows.ts"

/** What was found for a slot, and how many records could not be read on the way. */
export interface Fit {
  readonly best: Availability | undefined
  readonly unreadable: number
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

  /** Walks the index from the tightest fit upwards. A record that cannot be read is passed over. */
  const bestFit = Effect.fnUntraced(function* (slot: SlotDemand) {
    const { collateral, duration, price, until } = rulesOut(slot)
    let after = { freeBytes: slot.sizeBytes, seq: 0n }
    for (let passedOver = 0; ; passedOver++) {
      const rows = yield* sql`
        SELECT seq, ${sql.literal(Row.availabilityColumns)} FROM space_availability
        WHERE enabled = 1 AND (free_bytes, seq) > (${after.freeBytes}, ${after.seq})
          AND NOT (${duration}) AND NOT (${price}) AND NOT (${collateral}) AND NOT (${until})
        ORDER BY free_bytes, seq LIMIT 1`
      const [best] = yield* leaveOut(Row.decodeAvailability)(rows)
      const [position] = yield* Row.decodePositions(rows)
      if (best !== undefined || position === undefined) return { best, unreadable: passedOver } satisfies Fit
      after = position
    }
  })

  const count = (name: CriterionName, condition: ReturnType<typeof rulesOut>[CriterionName], nearest: string) => {
    const filter = sql`FILTER (WHERE enabled = 1 AND ${condition})`
    return sql`count(*) ${filter} AS ${sql(name)}, ${sql.literal(nearest)} ${filter} AS ${sql(`${name}Nearest`)}`
  }

  const survey = Effect.fnUntraced(function* (slot: SlotDemand) {
    const { collateral, duration, price, size, until } = rulesOut(slot)
    const [row] = yield* Effect.flatMap(
      sql`
        SELECT count(*) AS offered, count(*) FILTER (WHERE enabled <> 1) AS disabled,
          ${count("size", size, "max(free_bytes)")},
          ${count("duration", duration, "max(duration_seconds)")},
          ${count("price", price, "min(min_price)")},
          ${count("collateral", collateral, "max(total_collateral)")},
          ${count("until", until, "max(until_seconds)")}
        FROM space_availability`,
      Row.decodeSurvey,
    )
    const { disabled, offered } = row
    const ruledOut = {
      size: { count: row.size, nearest: row.sizeNearest },
      duration: { count: row.duration, nearest: row.durationNearest },
      price: { count: row.price, nearest: row.priceNearest },
      collateral: { count: row.collateral, nearest: row.collateralNearest },
      until: { count: row.until, nearest: row.untilNearest },
    }
    return { offered, disabled, ruledOut } satisfies Survey
  })

  return { bestFit, survey }
}
