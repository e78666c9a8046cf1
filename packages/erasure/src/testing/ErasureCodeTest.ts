import { assert, layer as provided } from "@effect/vitest"
import { Effect, Fiber, type Layer, Schema } from "effect"
import { ErasureCode } from "../ErasureCode.ts"

type Shards = ReadonlyArray<Uint8Array>

/** k shards of which no two with different seeds are equal. */
export const dataShards = (k: number, sizeBytes: number, seed = 0): Shards =>
  Array.from({ length: k }, (_, shard) =>
    new Uint8Array(sizeBytes).map((_, i) => i * 31 + (i >> 8) * 7 + (i >> 16) * 3 + shard * 101 + seed * 13 + 5),
  )

/** Code words are compared as one, which is quicker than shard by shard. */
const assertEqual = (actual: Shards, expected: Shards, what: string) => {
  assert.strictEqual(actual.length, expected.length, what)
  actual.forEach((shard, i) => {
    const other = expected[i]
    assert.isTrue(other !== undefined && Buffer.from(shard).equals(other), `${what}: shard ${i} of the answer`)
  })
}

/** Every choice of up to `most` of the numbers below `n`. */
const choices = (n: number, most: number): ReadonlyArray<ReadonlyArray<number>> => {
  const all: Array<ReadonlyArray<number>> = [[]]
  for (let i = 0; i < n; i++) for (const some of [...all]) if (some.length < most) all.push([...some, i])
  return all
}

const without = (shards: Shards, lost: ReadonlyArray<number>) =>
  shards.map((shard, index) => (lost.includes(index) ? undefined : shard))

/** Codes, loses, restores, compares; in turns of a few. */
const restoresEach = Effect.fnUntraced(function* (
  k: number,
  m: number,
  sizeBytes: number,
  losses: ReadonlyArray<ReadonlyArray<number>>,
) {
  const code = yield* ErasureCode
  const data = dataShards(k, sizeBytes, k + m)
  const word = [...data, ...(yield* code.encode(data, m))]
  yield* Effect.forEach(
    losses,
    Effect.fnUntraced(function* (lost) {
      const restored = yield* code.reconstruct(without(word, lost), k, lost)
      const expected = lost.flatMap((index) => word[index] ?? [])
      assertEqual(restored, expected, `k ${k}, m ${m}, ${sizeBytes} bytes, lost ${lost}`)
    }),
    { concurrency: 8, discard: true },
  )
})

const Word = {
  k: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 24 }))),
  m: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 12 }))),
  sizeBytes: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 150_000 }))),
  order: Schema.Array(Schema.Int),
}

/** What every ErasureCode does, whatever its code. */
export const suite = <E>(name: string, layer: Layer.Layer<ErasureCode, E>) =>
  provided(layer)(name, (it) => {
    for (const k of [1, 2, 3, 4, 5, 6])
      it.effect(`every choice of up to m lost shards is restored: k = ${k}, m = 0 ... 4`, () =>
        Effect.forEach([0, 1, 2, 3, 4], (m) => restoresEach(k, m, 13, choices(k + m, m)), { discard: true }),
      )

    it.effect("shards of any length are coded, blocks and what is a byte shorter or longer", () =>
      Effect.forEach([1, 2, 255, 65_535, 65_536, 65_537, 131_072, 200_001], (size) =>
        restoresEach(4, 2, size, [[0, 1], [3, 5], [4, 5], [2]]),
      ),
    )

    it.effect.prop(
      "any k shards of a code word of any shape give all others",
      Word,
      ({ k, m, order, sizeBytes }) => {
        const indices = Array.from({ length: k + m }, (_, i) => i)
        const lost = indices.sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0)).slice(0, m)
        return restoresEach(k, m, sizeBytes, [lost])
      },
      { arbitrary: { runs: 25 } },
    )

    it.effect("a code word has up to maxShards shards", () =>
      Effect.gen(function* () {
        const { maxShards } = yield* ErasureCode
        for (const k of [1, Math.floor(maxShards / 2), maxShards - 1])
          yield* restoresEach(k, maxShards - k, 3, [[0], [maxShards - 1]])
      }),
    )

    it.effect("no parity is asked for, so nothing is answered", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        assert.deepStrictEqual(yield* code.encode(dataShards(3, 10), 0), [])
        const data = dataShards(3, 10)
        assertEqual(yield* code.reconstruct(data, 3, [1]), [data[1] ?? assert.fail()], "m 0")
        assert.strictEqual((yield* Effect.flip(code.reconstruct(without(data, [1]), 3, [1])))._tag, "TooFewShards")
      }),
    )

    it.effect("answers are in the order of what is wanted, and what is there is answered itself", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const data = dataShards(4, 100)
        const word = [...data, ...(yield* code.encode(data, 3))]
        const at = (index: number) => word[index] ?? assert.fail()
        const given = without(word, [0, 2, 6])
        const answer = yield* code.reconstruct(given, 4, [6, 3, 0, 3, 2])
        assertEqual(answer, [at(6), at(3), at(0), at(3), at(2)], "wanted 6, 3, 0, 3, 2")
        assert.strictEqual(answer[1], data[3])
        assert.deepStrictEqual(yield* code.reconstruct(given, 4, []), [])
        assertEqual(yield* code.reconstruct(given, 4, [6]), [at(6)], "parity alone")
      }),
    )

    it.effect("what is given stays as it was, and what is answered has buffers of its own", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const all = new Uint8Array(4 * 70_000).map((_, i) => i % 253)
        const data = [0, 1, 2, 3].map((i) => all.subarray(i * 70_000, (i + 1) * 70_000))
        const parity = yield* code.encode(data, 2)
        const lost = yield* code.reconstruct([undefined, undefined, ...data.slice(2), ...parity], 4, [0, 1])
        assert.isTrue(all.every((byte, i) => byte === i % 253))
        const buffers = [all, ...parity, ...lost].map(({ buffer }) => buffer)
        assert.strictEqual(new Set(buffers).size, 5)
        for (const shard of [...parity, ...lost]) assert.strictEqual(shard.buffer.byteLength, 70_000)
      }),
    )

    it.effect("calls at the same time do not disturb each other", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const shapes = Array.from({ length: 60 }, (_, i) => ({ k: 1 + (i % 7), m: 1 + (i % 3), size: 1 + i * 997 }))
        yield* Effect.forEach(
          shapes,
          ({ k, m, size }) =>
            restoresEach(k, m, size, [[0], [k], Array.from({ length: m }, (_, i) => i + (k > 1 ? 1 : 0))]),
          { concurrency: "unbounded" },
        )
        assert.isNotEmpty(code.codec)
      }),
    )

    it.effect("interrupted calls take nothing from later ones", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        for (let round = 0; round < 3; round++) {
          const data = dataShards(10, 300_000)
          const calls = yield* Effect.forEach(Array.from({ length: 6 }), () =>
            Effect.forkChild(code.encode(data, 5), { startImmediately: true }),
          )
          yield* Effect.yieldNow
          yield* Fiber.interruptAll(calls)
          yield* restoresEach(4, 2, 1000, [[0, 5]])
        }
      }),
    )

    it.effect("shapes that no code word has are InvalidShape, and say why", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const data = dataShards(4, 8)
        const word = [...data, ...(yield* code.encode(data, 2))]
        const uneven = [...data.slice(1), new Uint8Array(9)]
        const many = dataShards(code.maxShards, 1)
        const wrong: ReadonlyArray<
          readonly [Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>, RegExp]
        > = [
          [code.encode([], 2), /k is 0/],
          [code.encode(data, -1), /parity shards is -1/],
          [code.encode(data, 1.5), /parity shards is 1.5/],
          [code.encode(data, Number.NaN), /parity shards is NaN/],
          [code.encode(many, 1), new RegExp(`${code.maxShards} \\+ 1 shards are more than`)],
          [code.encode(data, Number.MAX_SAFE_INTEGER), /are more than/],
          [code.encode(uneven, 2), /different lengths/],
          [code.encode(uneven, 0), /different lengths/],
          [code.encode([new Uint8Array(0), new Uint8Array(0)], 1), /empty/],
          [code.reconstruct(word, 0, [1]), /k is 0/],
          [code.reconstruct(word, 1.5, [1]), /k is 1.5/],
          [code.reconstruct(word, -2, [1]), /k is -2/],
          [code.reconstruct(word, 7, [1]), /parity shards is -1/],
          [code.reconstruct([], 1, []), /parity shards is -1/],
          [code.reconstruct([...many, undefined], 4, [1]), /are more than/],
          [code.reconstruct(word, 4, [6]), /shard 6 is wanted of 6/],
          [code.reconstruct(word, 4, [-1]), /shard -1 is wanted/],
          [code.reconstruct(word, 4, [0.5]), /shard 0.5 is wanted/],
          [code.reconstruct([undefined, ...uneven, undefined], 4, [0]), /different lengths/],
          [
            code.reconstruct(
              Array.from({ length: 3 }, () => new Uint8Array(0)),
              2,
              [2],
            ),
            /empty/,
          ],
        ]
        for (const [call, why] of wrong) {
          const error = yield* Effect.flip(call)
          assert.strictEqual(error._tag, "InvalidShape", String(why))
          assert.match(error.message, why)
        }
        yield* restoresEach(4, 2, 8, [[1, 4]])
      }),
    )

    it.effect("fewer than k shards are TooFewShards, which says how many there are", () =>
      Effect.gen(function* () {
        const code = yield* ErasureCode
        const data = dataShards(4, 8)
        const word = [...data, ...(yield* code.encode(data, 2))]
        const error = yield* Effect.flip(code.reconstruct(without(word, [0, 3, 5]), 4, [0]))
        assert.deepInclude(error, { _tag: "TooFewShards", present: 3, needed: 4 })
        assert.include(error.message, "Only 3")
      }),
    )
  })
