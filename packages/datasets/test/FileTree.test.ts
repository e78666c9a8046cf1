import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { fixedSize } from "ipfs-unixfs-importer/chunker"
import { importer } from "ipfs-unixfs-importer"
import { balanced } from "ipfs-unixfs-importer/layout"
import { Block, type Cid, FileTree } from "../src/index.ts"

const dataOf = (sizeBytes: number) => {
  const bytes = new Uint8Array(sizeBytes)
  for (let i = 0; i < sizeBytes; i += 65_536) bytes[i] = i / 65_536
  return bytes
}

const built = (bytes: Uint8Array) => {
  const builder = FileTree.builder()
  const nodes: Array<Block> = []
  const leaves: Array<Cid> = []
  for (let at = 0; at === 0 || at < bytes.length; at += 65_536) {
    const block = Result.getOrThrow(Block.data(bytes.subarray(at, at + 65_536)))
    leaves.push(block.cid)
    nodes.push(...builder.add(block))
  }
  const end = builder.end()
  return { root: end.root, nodes: [...nodes, ...end.nodes], leaves }
}

const imported = async (bytes: Uint8Array) => {
  const blocks = new Map<string, Uint8Array>()
  const store = {
    put: async (cid: Cid, bytes: Uint8Array) => {
      blocks.set(cid.toString(), bytes)
      return cid
    },
  }
  for await (const entry of importer([{ content: bytes }], store as never, {
    cidVersion: 1,
    rawLeaves: true,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: 65_536 }),
    layout: balanced({ maxChildrenPerNode: 1024 }),
  }))
    return { root: entry.cid, blocks }
  throw new Error("nothing was imported")
}

const sizes = [0, 1, 65_535, 65_536, 65_537, 65_536 * 3, 65_536 * 1024, 65_536 * 1024 + 1, 65_536 * 2048 + 7]

describe("a file's tree", () => {
  for (const sizeBytes of sizes)
    it(`of ${sizeBytes} bytes is the one that tools for IPFS make`, async () => {
      const bytes = dataOf(sizeBytes)
      const { nodes, root } = built(bytes)
      const reference = await imported(bytes)
      assert.strictEqual(root.toString(), reference.root.toString())
      for (const node of nodes) assert.deepStrictEqual(node.bytes, reference.blocks.get(node.cid.toString()))
    })

  for (const sizeBytes of sizes)
    it.effect(`of ${sizeBytes} bytes names its blocks in order`, () =>
      Effect.gen(function* () {
        const { leaves, nodes, root } = built(dataOf(sizeBytes))
        const byCid = new Map(nodes.map((node) => [node.cid.toString(), node]))
        const found = yield* FileTree.leaves(root, BigInt(sizeBytes), (cid) =>
          Stream.fromIterable([byCid.get(cid.toString()) ?? { cid, bytes: new Uint8Array() }]),
        ).pipe(Stream.runCollect)
        assert.deepStrictEqual(found.map(String), leaves.map(String))
      }),
    )
})
