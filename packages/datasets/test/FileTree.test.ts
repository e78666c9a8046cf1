import { assert, describe, it } from "@effect/vitest"
import * as DagPb from "@ipld/dag-pb"
import { Effect, Result, Stream } from "effect"
import { UnixFS } from "ipfs-unixfs"
import { importer } from "ipfs-unixfs-importer"
import { fixedSize } from "ipfs-unixfs-importer/chunker"
import { balanced } from "ipfs-unixfs-importer/layout"
import { Block, type Cid, cidOfDigest, FileTree } from "../src/index.ts"

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
  for await (const entry of importer([{ content: bytes }], store, {
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

const small = built(dataOf(65_536 * 3))
const large = built(dataOf(65_536 * 1024 + 65_536 * 2))

const decoded = (block: Block | undefined) => {
  if (block === undefined) throw new Error("there is no such node")
  return DagPb.decode(block.bytes)
}
const encodedNode = (node: DagPb.PBNode) => Result.getOrThrow(Block.node(DagPb.encode(node)))
const about = (blockSizes: ReadonlyArray<bigint>, type: "file" | "directory" = "file") =>
  new UnixFS({ type, blockSizes: [...blockSizes] }).marshal()

/** What a walk from this root to the end of a file of so many bytes comes to, if the source has all blocks and one more. */
const refusal = (root: Block, sizeBytes: bigint) => {
  const blocks = new Map([...small.nodes, ...large.nodes, root].map((block) => [block.cid.toString(), block]))
  return FileTree.leaves(root.cid, sizeBytes, (cid) => {
    const block = blocks.get(cid.toString())
    return block === undefined ? Stream.die(`${cid} was asked for`) : Stream.succeed(block)
  }).pipe(Stream.runDrain, Effect.flip)
}

describe("a stranger's tree", () => {
  const node = decoded(small.nodes.at(-1))
  const root = large.nodes.at(-1)
  const inner = large.nodes[0]
  const sizes = [65_536n, 65_536n, 65_536n]

  for (const [what, block, sizeBytes] of [
    ["with a link too many", encodedNode({ ...node, Links: [...node.Links, ...node.Links.slice(0, 1)] }), 196_608n],
    ["with a link too few", encodedNode({ ...node, Links: node.Links.slice(1) }), 196_608n],
    ["of more bytes than it has", encodedNode(node), 196_609n],
    ["of fewer bytes than it has", encodedNode(node), 131_072n],
    ["of a last block that is shorter than it says", encodedNode(node), 196_607n],
    ["of a gigabyte in one node", encodedNode(node), 2n ** 30n],
    ["of all that there can be", encodedNode(node), 2n ** 42n],
    ["without what UnixFS says", DagPb.encode({ Links: node.Links }), 196_608n],
    ["that is a directory", encodedNode({ ...node, Data: about(sizes, "directory") }), 196_608n],
    ["with other sizes than its links", encodedNode({ ...node, Data: about([1n, 65_536n, 65_536n]) }), 196_608n],
    [
      "with a gigabyte claimed in one block",
      encodedNode({ ...node, Data: about([2n ** 30n, 65_536n, 65_536n]) }),
      196_608n,
    ],
    [
      "with another sum behind a link",
      encodedNode({ ...node, Links: node.Links.map((link) => ({ ...link, Tsize: 1 })) }),
      196_608n,
    ],
    [
      "without sums behind its links",
      encodedNode({ ...node, Links: node.Links.map(({ Hash }) => ({ Hash })) }),
      196_608n,
    ],
    [
      "with names at its links",
      encodedNode({ ...node, Links: node.Links.map((link) => ({ ...link, Name: "a" })) }),
      196_608n,
    ],
    [
      "that links to metadata",
      encodedNode({
        ...node,
        Links: node.Links.map((link) => ({ ...link, Hash: cidOfDigest("metadata", new Uint8Array(32)) })),
      }),
      196_608n,
    ],
    ["that links to nodes where there should be data", root, 196_608n],
    ["that is deeper than its size takes", root, 65_536n * 2n],
    ["that is flatter than its size takes", inner, 65_536n * 1026n],
    ["that is not dag-pb", Result.getOrThrow(Block.node(Uint8Array.of(1, 2, 3))), 196_608n],
    ["that is empty", Result.getOrThrow(Block.node(new Uint8Array())), 196_608n],
    ["of one block that is a node", encodedNode(node), 65_536n],
    ["under the name of a block of data", Result.getOrThrow(Block.data(DagPb.encode(node))), 196_608n],
  ] as const)
    it.effect(`${what} is refused`, () =>
      Effect.gen(function* () {
        const given = block instanceof Uint8Array ? Result.getOrThrow(Block.node(block)) : block
        if (given === undefined) return assert.fail("there is no such node")
        const error = yield* refusal(given, sizeBytes)
        assert.strictEqual(error._tag, "InvalidManifest")
      }),
    )

  it.effect("whose first inner node lies is refused there: nothing below it is asked for", () =>
    Effect.gen(function* () {
      const top = decoded(root)
      const links = top.Links.map((link, i) => (i === 0 ? { ...link, Hash: encodedNode(node).cid } : link))
      const error = yield* refusal(encodedNode({ ...top, Links: links }), 65_536n * 1026n)
      assert.strictEqual(error._tag, "InvalidManifest")
      assert.include(error.message, "3 links")
    }),
  )

  // A cycle cannot be tried: a node would have to have the hash of bytes that have that hash in them. Depth ends it as well: the size
  // says how many levels there are, of which each takes one off.
})
