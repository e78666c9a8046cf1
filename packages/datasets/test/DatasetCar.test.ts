import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { exporter } from "ipfs-unixfs-exporter"
import { CID } from "multiformats/cid"
import { Block } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { archive, assertEmpty, blocksIn, imported, uploaded } from "./carFixture.ts"
import { collect, node } from "./slotsFixture.ts"

describe("a dataset as a CAR archive", () => {
  for (const sizeBytes of [0, 1, 65_536, 65_537, 65_536 * 1024, 65_536 * 1026 + 5])
    it.effect(`of ${sizeBytes} bytes is read by tools for IPFS, byte for byte`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(sizeBytes)
        const { car, cid, manifest } = yield* uploaded(bytes)
        const { blocks, roots } = yield* blocksIn(car)
        const byCid = new Map(blocks.map((block) => [String(block.cid), block]))
        assert.deepStrictEqual(roots.map(String), [String(manifest.content), String(cid)])
        for (const block of blocks)
          assert.isTrue(Result.isSuccess(Block.verify(CID.decode(block.cid.bytes), block.bytes)))
        const read = yield* Effect.promise(async () => {
          const store = {
            async *get(cid: CID) {
              const block = byCid.get(String(cid))
              if (block === undefined) throw new Error(`${cid} is missing`)
              yield block.bytes
            },
          }
          const entry = await exporter(String(manifest.content), store)
          if (entry.type !== "file" && entry.type !== "raw") throw new Error(`it is a ${entry.type}`)
          const pieces: Array<Uint8Array> = []
          for await (const piece of entry.content()) pieces.push(piece)
          return Buffer.concat(pieces)
        })
        assert.strictEqual(Buffer.compare(read, bytes), 0)
      }).pipe(Effect.scoped),
    )

  it.effect("has the manifest first, then the file, nodes before what stands below them", () =>
    Effect.gen(function* () {
      const { blocks, roots } = yield* blocksIn((yield* uploaded(bytesOf(65_536 * 1026))).car)
      const kinds = blocks.map(({ cid }) => ({ 85: ".", 112: "N", 113: "M" })[cid.code])
      assert.strictEqual(kinds.join(""), `MNN${".".repeat(1024)}N..`)
      assert.strictEqual(String(blocks[1]?.cid), String(roots[0]))
    }).pipe(Effect.scoped),
  )

  for (const pieceBytes of [1, 7, 1000, 65_536, 10_000_000])
    it.effect(`is imported from pieces of ${pieceBytes} bytes as the dataset that it was`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(150_000)
        const { car, cid, manifest } = yield* uploaded(bytes, { filename: "a", mimetype: "text/plain" })
        const host = yield* node()
        assert.deepStrictEqual(yield* imported(host, car, pieceBytes), { cid, manifest })
        assert.deepStrictEqual(yield* imported(host, car, pieceBytes), { cid, manifest })
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
        assert.strictEqual((yield* host.store.volumes).length, 1)
        yield* host.datasets.remove(cid)
        yield* assertEmpty(host)
      }).pipe(Effect.scoped),
    )

  it.effect("is taken in any order, with blocks that are equal once or often", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(65_536 * 5)
      const { car, cid, manifest } = yield* uploaded(bytes)
      const { blocks } = yield* blocksIn(car)
      assert.strictEqual(blocks.length, 7)
      const once = Array.from(new Map(blocks.map((block) => [String(block.cid), block])).values())
      for (const order of [once, once.toReversed(), [...blocks, ...blocks]]) {
        const host = yield* node(65_536n)
        const dataset = yield* imported(host, yield* archive([cid], order))
        assert.deepStrictEqual(dataset, { cid, manifest })
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
      }
    }).pipe(Effect.scoped),
  )

  for (const sizeBytes of [0, 5, 65_536 * 3 + 1])
    it.effect(`of a file of ${sizeBytes} bytes alone becomes a dataset without labels`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(sizeBytes)
        const { car, cid, manifest } = yield* uploaded(bytes)
        const { blocks } = yield* blocksIn(car)
        const host = yield* node()
        const dataset = yield* imported(host, yield* archive([manifest.content], blocks.slice(1)))
        assert.strictEqual(String(dataset.cid), String(cid))
        assert.strictEqual(Buffer.compare(yield* collect(host.datasets.read(cid)), bytes), 0)
      }).pipe(Effect.scoped),
    )
})
