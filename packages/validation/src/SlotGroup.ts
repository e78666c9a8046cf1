import type { SlotId } from "@pecia/contracts-abi"
import { Schema } from "effect"

const schema = Schema.Struct({
  /** 0 to `groups` - 1. */
  group: Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0))),
  /** At least 1. */
  groups: Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0))),
}).pipe(
  Schema.check(
    Schema.makeFilter(({ group, groups }) => group < groups || `group ${group} is not one of 0 to ${groups - 1}`),
  ),
)

/** One of `groups` shares of all slots, so that validators can divide them: those whose id, as a number, leaves `group` when divided by `groups`. */
export const SlotGroup = Object.assign(schema, {
  has: ({ group, groups }: typeof schema.Type, slotId: SlotId): boolean =>
    BigInt(slotId) % BigInt(groups) === BigInt(group),
})
export type SlotGroup = typeof schema.Type
