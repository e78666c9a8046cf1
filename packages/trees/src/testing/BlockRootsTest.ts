import { assert, layer as provided } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, type Layer, Schema } from "effect"
import { BlockRoots } from "../BlockRoots.ts"
import { chunksOf, naiveRoot } from "./NaiveTree.ts"
import { bytesFrom } from "./sampleSlot.ts"

type Blocks = ReadonlyArray<Uint8Array>

/** Blocks of these lengths, no two of them equal. */
const blocksOf = (seed: string | number, lengths: ReadonlyArray<number>): Blocks =>
  lengths.map((length, i) => bytesFrom(`${seed} ${i}`, length))

const naiveRoots = (blocks: Blocks): Uint8Array =>
  Uint8Array.from(Buffer.concat(blocks.map((block) => naiveRoot(chunksOf(block, 65_536)))))

const assertRoots = Effect.fnUntraced(function* (blocks: Blocks, expected = naiveRoots(blocks)) {
  const roots = yield* (yield* BlockRoots).of(blocks)
  assert.isTrue(
    Buffer.from(roots).equals(expected),
    `the roots of blocks of ${blocks.map(({ length }) => length)} bytes`,
  )
})

const Length = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 65_536 })))

/** What every `BlockRoots` does. */
export const suite = <E>(name: string, layer: Layer.Layer<BlockRoots, E>) =>
  provided(layer)(name, (it) => {
    it.effect.prop(
      "roots are those of the naive tree, short blocks filled up with zeros",
      { seed: Schema.Int, lengths: Schema.Array(Length).pipe(Schema.check(Schema.isMaxLength(4))) },
      ({ seed, lengths }) => assertRoots(blocksOf(seed, lengths)),
      { arbitrary: { runs: 12 } },
    )

    it.effect("any number of blocks have their roots in their order", () =>
      Effect.gen(function* () {
        const blocks = blocksOf("many", [65_536, 0, 1, 65_535, 32])
        const roots = blocks.map((block) => naiveRoot(chunksOf(block, 65_536)))
        for (const count of [0, 1, 2, 15, 16, 17, 32, 33, 100]) {
          const at = Array.from({ length: count }, (_, i) => (i * i + count) % blocks.length)
          const expected = Buffer.concat(at.map((i) => roots[i] ?? assert.fail()))
          yield* assertRoots(
            at.map((i) => blocks[i] ?? assert.fail()),
            Uint8Array.from(expected),
          )
        }
      }),
    )

    it.effect("a short block after a full one in its place is filled up with zeros, not with the other's bytes", () =>
      Effect.gen(function* () {
        const [full, short] = [blocksOf("full", [65_536, 65_536]), blocksOf("short", [100, 0])]
        for (let i = 0; i < 8; i++) yield* assertRoots(i % 2 === 0 ? full : short)
      }),
    )

    it.effect("blocks stay as they were, parts of a larger buffer too, and roots have a buffer of their own", () =>
      Effect.gen(function* () {
        const { of } = yield* BlockRoots
        const all = bytesFrom("all", 4 * 65_536)
        const copy = all.slice()
        const blocks = [0, 1, 2, 3].map((i) => all.subarray(i * 65_536, (i + 1) * 65_536))
        const roots = [yield* of(blocks), yield* of(blocks), yield* of(blocks.slice(1, 2))]
        assert.isTrue(Buffer.from(all).equals(copy))
        assert.strictEqual(new Set([all, ...roots].map(({ buffer }) => buffer)).size, 4)
        assert.deepStrictEqual(
          roots.map(({ buffer }) => buffer.byteLength),
          [128, 128, 32],
        )
        assert.deepStrictEqual(roots[2], roots[0]?.slice(32, 64))
      }),
    )

    it.effect("many calls at once do not disturb each other", () =>
      Effect.gen(function* () {
        const blocks = blocksOf("at once", [65_536, 5, 70, 65_536, 600])
        const roots = naiveRoots(blocks)
        const calls = Array.from({ length: 60 }, (_, i) => Array.from({ length: i % 20 }, (_, j) => (i + j * 3) % 5))
        yield* Effect.forEach(
          calls,
          (call) =>
            assertRoots(
              call.map((i) => blocks[i] ?? assert.fail()),
              Uint8Array.from(Buffer.concat(call.map((i) => roots.subarray(i * 32, i * 32 + 32)))),
            ),
          { concurrency: "unbounded", discard: true },
        )
      }),
    )

    it.effect("interrupted calls take nothing from later ones", () =>
      Effect.gen(function* () {
        const { of } = yield* BlockRoots
        const blocks = Array.from({ length: 40 }, () => new Uint8Array(65_536))
        for (let round = 0; round < 3; round++) {
          const calls = yield* Effect.forEach(Array.from({ length: 6 }), () =>
            Effect.forkChild(of(blocks), { startImmediately: true }),
          )
          yield* Effect.yieldNow
          yield* Fiber.interruptAll(calls)
          yield* assertRoots(blocksOf(round, [1000, 65_536]))
        }
      }),
    )

    it.effect("a block that is too long is a defect, which says so and spoils no other call", () =>
      Effect.gen(function* () {
        const { of } = yield* BlockRoots
        const long = new Uint8Array(65_537)
        for (const blocks of [[long], [new Uint8Array(65_536), long, long]]) {
          const [exit] = yield* Effect.all([Effect.exit(of(blocks)), assertRoots(blocksOf("other", [3, 4]))], {
            concurrency: "unbounded",
          })
          const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          assert.instanceOf(defect, RangeError)
          assert.include(String(defect), "65537")
        }
        yield* assertRoots(blocksOf("after", [3, 4]))
      }),
    )
  })
