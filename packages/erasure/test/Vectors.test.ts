import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ErasureCode } from "../src/index.ts"
import { dataShards } from "../src/testing/ErasureCodeTest.ts"
import { dataOf, parityOf } from "./reference.ts"

const Bytes = Schema.Uint8ArrayFromHex
const Vectors = Schema.fromJsonString(
  Schema.Struct({
    codec: Schema.String,
    vectors: Schema.Array(Schema.Struct({ data: Schema.Array(Bytes), parity: Schema.Array(Bytes) })),
  }),
)
const { codec, vectors } = Schema.decodeUnknownSync(Vectors)(
  readFileSync(new URL("fixtures/vectors.json", import.meta.url), "utf8"),
)
const hex = (shards: ReadonlyArray<Uint8Array>) => shards.map((shard) => Buffer.from(shard).toString("hex"))
const small = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum })))

describe.each([
  ["layer", ErasureCode.layer],
  ["layerInThread", ErasureCode.layerInThread],
] as const)("the code of ErasureCode.%s", (_, layer) => {
  it.effect("is for all time the code of its name", () =>
    Effect.gen(function* () {
      const code = yield* ErasureCode
      assert.strictEqual(code.codec, codec)
      assert.strictEqual(vectors.length, 10)
      for (const { data, parity } of vectors) {
        assert.deepStrictEqual(hex(yield* code.encode(data, parity.length)), hex(parity))
        const k = data.length
        const shards = [...data.map((shard, i) => (i < parity.length ? undefined : shard)), ...parity]
        const lost = data.map((_, i) => i)
        assert.deepStrictEqual(hex(yield* code.reconstruct(shards, k, lost)), hex(data))
      }
    }).pipe(Effect.provide(layer)),
  )

  it.effect.prop(
    "is the one that the README defines: another implementation codes and decodes it",
    { k: small(16), m: small(8), seed: small(1000) },
    ({ k, m, seed }) =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const data = dataShards(k, 3, seed)
        const parity = yield* code.encode(data, m)
        assert.deepStrictEqual(hex(parity), hex(parityOf(data, m)))
        const known = [...data, ...parity].map((shard, index) => [index, shard] as const).slice(m)
        assert.deepStrictEqual(hex(dataOf(known.slice(0, k))), hex(data))
      }).pipe(Effect.provide(layer)),
    { arbitrary: { runs: 20 } },
  )
})
