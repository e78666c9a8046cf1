import { assert, describe, it } from "@effect/vitest"
import { SlotId } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { SlotGroup } from "../src/index.ts"

const Groups = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 40 })))

describe("SlotGroup", () => {
  it.effect.prop(
    "has each slot in exactly one of the groups",
    { slotId: SlotId, groups: Groups },
    ({ slotId, groups }) =>
      Effect.sync(() => {
        const all = Array.from({ length: groups }, (_, group) => ({ group, groups }))
        assert.strictEqual(all.filter((group) => SlotGroup.has(group, slotId)).length, 1)
      }),
  )
})
