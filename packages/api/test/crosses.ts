import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"

/** What goes over the wire is this JSON, and comes back as it was. */
export const crosses = <A, I>(schema: Schema.Codec<A, I>, value: A, json: unknown) =>
  Effect.gen(function* () {
    const wire = JSON.stringify(yield* Schema.encodeEffect(schema)(value))
    assert.deepStrictEqual(JSON.parse(wire), json)
    assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(schema)(JSON.parse(wire)), value)
  })
