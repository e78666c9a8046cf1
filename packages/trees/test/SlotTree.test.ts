import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { DatasetTree, hashPair, SlotTree } from "../src/index.ts"
import { hashRowNative, hashRowOf, hashRowPortable } from "../src/internal/sha256.ts"
import { bytesFrom, chunksOf, naiveNode, naivePath, naiveRoot, treeOf } from "../src/testing/index.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

describe("a slot's tree", () => {
  it("starts at unhashed chunks, and its depth follows from the slot size alone", () => {
    const chunks = chunksOf(new Uint8Array(65_536 * 3), 65_536 * 3)
    assert.deepStrictEqual(treeOf(new Uint8Array(), 65_536 * 3).root, naiveNode(chunks, 13, 0))
    assert.deepStrictEqual(SlotTree.zeroBlockRoot, naiveNode([], 11, 0))
    assert.deepStrictEqual(SlotTree.blockRoot(new Uint8Array()), SlotTree.zeroBlockRoot)
  })

  it.prop(
    "is the naive tree over the same bytes, short data filled with zeros",
    { seed: Schema.Int, blocks: between(1, 9), short: between(0, 65_535) },
    ({ seed, blocks, short }) => {
      const data = bytesFrom(seed, blocks * 65_536 - short)
      assert.deepStrictEqual(treeOf(data, blocks * 65_536).root, naiveRoot(chunksOf(data, blocks * 65_536)))
    },
    { arbitrary: { runs: 12 } },
  )

  it.prop(
    "reveals the pair's bytes and the naive siblings of its node and of all above it",
    { seed: Schema.Int, blocks: between(1, 6), pair: between(0, 6 * 1024 - 1) },
    ({ seed, blocks, pair }) => {
      const size = blocks * 65_536
      const at = pair % (blocks * 1024)
      const data = bytesFrom(seed, size - 1000)
      const block = SlotTree.blockOfPair(BigInt(at))
      const revealed = SlotTree.reveal(
        treeOf(data, size),
        BigInt(at),
        data.subarray(block * 65_536, (block + 1) * 65_536),
      )
      const chunks = chunksOf(data, size)
      assert.deepStrictEqual(
        Option.map(revealed, ({ pair, path }) => ({
          pair: Uint8Array.from(pair),
          path: path.map((node) => Uint8Array.from(node)),
        })),
        Option.some({
          pair: Uint8Array.from([...(chunks[at * 2] ?? []), ...(chunks[at * 2 + 1] ?? [])]),
          path: naivePath(chunks, 1, at, Math.ceil(Math.log2(size / 32))),
        }),
      )
    },
    { arbitrary: { runs: 12 } },
  )

  it("reveals nothing of a block that is not the one the tree was made from, nor of a pair behind its end", () => {
    const data = bytesFrom("reveal", 131_072)
    const tree = treeOf(data, 131_072)
    const block = data.slice(65_536)
    assert.isTrue(Option.isSome(SlotTree.reveal(tree, 1500n, block)))
    block.fill(1, 7, 9)
    assert.isTrue(Option.isNone(SlotTree.reveal(tree, 1500n, block)))
    assert.isTrue(Option.isNone(SlotTree.reveal(tree, 2048n, new Uint8Array())))
  })

  it("reveals what stays as it is when other blocks are hashed", () => {
    const data = bytesFrom("stays", 65_536)
    const copied = () => structuredClone(SlotTree.reveal(treeOf(data, 65_536), 77n, data))
    const revealed = SlotTree.reveal(treeOf(data, 65_536), 77n, data)
    const root = SlotTree.blockRoot(data)
    const before = [copied(), root.slice()]
    SlotTree.blockRoot(bytesFrom("another", 65_536))
    assert.deepStrictEqual([structuredClone(revealed), root], before)
  })
})

describe("a dataset's tree", () => {
  it("of one slot is the slot root", () => {
    const root = bytesFrom("root", 32)
    const tree = DatasetTree.fromSlotRoots([root])
    assert.deepStrictEqual(Uint8Array.from(tree.root), root)
    assert.deepStrictEqual(DatasetTree.path(tree, 0), [])
  })

  it("joins any number of slot roots like the naive tree, missing leaves zero", () => {
    for (let slots = 2; slots <= 33; slots++) {
      const roots = Array.from({ length: slots }, (_, i) => bytesFrom(`${slots} ${i}`, 32))
      const tree = DatasetTree.fromSlotRoots(roots)
      const depth = Math.ceil(Math.log2(slots))
      assert.deepStrictEqual(tree.root, naiveNode(roots, depth, 0))
      const last = slots - 1
      assert.deepStrictEqual(
        DatasetTree.path(tree, last).map((node) => Uint8Array.from(node)),
        naivePath(roots, 0, last, depth),
      )
    }
  })
})

describe("hashing", () => {
  it("has the native library here, and falls back to the same bytes", () => {
    const native = hashRowNative ?? assert.fail("the library cannot be loaded")
    for (const pairs of [1, 2, 3, 16, 1024]) {
      const row = bytesFrom(pairs, pairs * 64)
      const [one, other] = [new Uint8Array(pairs * 32), new Uint8Array(pairs * 32)]
      native(row, one)
      hashRowPortable(row, other)
      assert.deepStrictEqual(one, other)
      const [left, right] = [row.subarray(0, 32), row.subarray(32, 64)]
      assert.deepStrictEqual(one.slice(0, 32), naiveNode([left, right], 1, 0))
      assert.deepStrictEqual(hashPair(left, right), one.slice(0, 32))
    }
  })

  it("does without a library that cannot be loaded, or has no such function", () => {
    const hashInto = () => {}
    assert.strictEqual(
      hashRowOf(() => ({ hashInto })),
      hashInto,
    )
    for (const load of [
      () => assert.fail("no binary for this platform"),
      () => undefined,
      () => ({ hashInto: "a text" }),
    ])
      assert.isUndefined(hashRowOf(load))
  })
})
