import * as DagPb from "@ipld/dag-pb"
import { Result, Stream } from "effect"
import { UnixFS } from "ipfs-unixfs"
import { Block, blockSizeBytes, type Cid, cidOfDigest, digestSizeBytes, isDataCid, isNodeCid } from "./Block.ts"
import { InvalidManifest } from "./InvalidManifest.ts"

/** Links in one node, as in the profile unixfs-v1-2025. */
export const linksMax = 1024

const leafBytes = BigInt(blockSizeBytes)

/** A place in the tree of a file: how many nodes lie between it and the blocks, and how many bytes of the file stand below it. */
interface Place {
  readonly level: number
  readonly sizeBytes: bigint
}

/** What stands below one link. `treeSizeBytes`: of all blocks from there down, nodes included. */
interface Child {
  readonly cid: Cid
  readonly sizeBytes: bigint
  readonly treeSizeBytes: bigint
}

/** The bytes of the file below a full node of this level. */
const fullBytes = (level: number): bigint => leafBytes * BigInt(linksMax) ** BigInt(level)

/** A file of one block is that block. */
const rootPlace = (sizeBytes: bigint): Place => {
  let level = 0
  while (fullBytes(level) < sizeBytes) level++
  return { level, sizeBytes }
}

/** The sizes below each link of a node: all full, but for the last. */
const childSizes = ({ level, sizeBytes }: Place): ReadonlyArray<bigint> => {
  const full = fullBytes(level - 1)
  const count = Number((sizeBytes + full - 1n) / full)
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? full : sizeBytes - full * BigInt(count - 1)))
}

const encodeNode = (children: ReadonlyArray<Child>): { readonly block: Block; readonly child: Child } => {
  const bytes = DagPb.encode({
    Data: new UnixFS({ type: "file", blockSizes: children.map(({ sizeBytes }) => sizeBytes) }).marshal(),
    Links: children.map(({ cid, treeSizeBytes }) => ({ Name: "", Tsize: Number(treeSizeBytes), Hash: cid })),
  })
  const block = Result.getOrThrow(Block.node(bytes))
  const sizeBytes = children.reduce((sum, child) => sum + child.sizeBytes, 0n)
  const treeSizeBytes = children.reduce((sum, child) => sum + child.treeSizeBytes, BigInt(bytes.length))
  return { block, child: { cid: block.cid, sizeBytes, treeSizeBytes } }
}

/** Stands for any block of its kind where only the length of names matters. */
const anyCid = cidOfDigest("data", new Uint8Array(digestSizeBytes))

/** What full trees of each level take, which is asked for over and over. */
const fullTreeSizes: Array<bigint> = []

/** What a tree at this place takes with its nodes: names are equally long, so that it does not depend on them. */
const treeSizeAt = (place: Place): bigint => {
  if (place.level === 0) return place.sizeBytes
  const isFull = place.sizeBytes === fullBytes(place.level)
  const known = isFull ? fullTreeSizes[place.level] : undefined
  if (known !== undefined) return known
  const { treeSizeBytes } = encodeNode(childrenAt(place, () => anyCid)).child
  if (isFull) fullTreeSizes[place.level] = treeSizeBytes
  return treeSizeBytes
}

const childrenAt = (place: Place, cidAt: (index: number) => Cid): ReadonlyArray<Child> =>
  childSizes(place).map((sizeBytes, index) => ({
    cid: cidAt(index),
    sizeBytes,
    treeSizeBytes: treeSizeAt({ level: place.level - 1, sizeBytes }),
  }))

/** The links of a node, which must be, to the byte, the one that its place demands for the blocks that it names. */
const decodeNode = (place: Place, { cid, bytes }: Block): Result.Result<ReadonlyArray<Cid>, InvalidManifest> =>
  Result.gen(function* () {
    const invalid = (detail: string) => new InvalidManifest({ cid, detail })
    const { Links } = yield* Result.try({
      try: () => DagPb.decode(bytes),
      catch: () => invalid("it is not dag-pb"),
    })
    const count = childSizes(place).length
    if (Links.length !== count)
      return yield* Result.fail(
        invalid(`it has ${Links.length} links, and ${place.sizeBytes} bytes of a file take ${count}`),
      )
    const cids = Links.map(({ Hash }) => Hash)
    if (!cids.every(place.level === 1 ? isDataCid : isNodeCid))
      return yield* Result.fail(invalid("it links to a block of another kind than its place demands"))
    const expected = encodeNode(childrenAt(place, (index) => cids[index] ?? anyCid)).block
    return expected.cid.equals(cid)
      ? cids
      : yield* Result.fail(
          invalid(`it is not the node of ${place.sizeBytes} bytes of a file in blocks of ${blockSizeBytes}`),
        )
  })

/** What the node at the root of a file says of its size; whether it is true, `leaves` finds out. */
const claimedSize = ({ cid, bytes }: Block): Result.Result<bigint, InvalidManifest> =>
  Result.try({
    try: () => UnixFS.unmarshal(DagPb.decode(bytes).Data ?? new Uint8Array()).fileSize(),
    catch: () => new InvalidManifest({ cid, detail: "it is not the root of a file" }),
  })

/** What is met on a walk through the tree of a file: a node, which was read, or the name of a data block, which was not. */
export type FileStep = { readonly _tag: "Node"; readonly block: Block } | { readonly _tag: "Leaf"; readonly cid: Cid }

/**
 * The tree of a file, as tools for IPFS read it: UnixFS, balanced, 1,024 links a node, its leaves the data blocks themselves. The size
 * of a file decides how its tree looks, so that of a stranger's tree no node is believed that does not look like that.
 */
export const FileTree = {
  /** Builds the tree while the blocks pass. */
  builder: () => {
    const rows: Array<Array<Child>> = [[]]

    /** Puts a child into the row of its level, closing full nodes; answers with the nodes that were closed. */
    const add = (level: number, child: Child): ReadonlyArray<Block> => {
      const row = rows[level] ?? []
      rows[level] = row
      const closed = row.length === linksMax ? close(level) : []
      rows[level]?.push(child)
      return closed
    }

    const close = (level: number): ReadonlyArray<Block> => {
      const { block, child } = encodeNode(rows[level] ?? [])
      rows[level] = []
      return [block, ...add(level + 1, child)]
    }

    return {
      /** Adds the next block; answers with the nodes that are complete, children first. */
      add: ({ cid, bytes }: Block): ReadonlyArray<Block> => {
        const sizeBytes = BigInt(bytes.length)
        return add(0, { cid, sizeBytes, treeSizeBytes: sizeBytes })
      },
      /** Ends the file, which has at least one block, be it an empty one. */
      end: (): { readonly root: Cid; readonly nodes: ReadonlyArray<Block> } => {
        const nodes: Array<Block> = []
        for (let level = 0; ; level++) {
          const [only, another] = rows[level] ?? []
          if (only !== undefined && another === undefined && level === rows.length - 1) return { root: only.cid, nodes }
          nodes.push(...close(level))
        }
      },
    }
  },

  /** How many bytes the file below this block has, as the block says: a block of data, or the node of a file. */
  claimedSize: (root: Block): Result.Result<bigint, InvalidManifest> =>
    isDataCid(root.cid) ? Result.succeed(BigInt(root.bytes.length)) : claimedSize(root),

  /** The nodes and the data blocks of a file in order, nodes before what stands below them; each node is read when it is needed. */
  walk: <E, R>(
    root: Cid,
    sizeBytes: bigint,
    read: (node: Cid) => Stream.Stream<Block, E, R>,
  ): Stream.Stream<FileStep, E | InvalidManifest, R> => {
    const below = (place: Place, cid: Cid): Stream.Stream<FileStep, E | InvalidManifest, R> => {
      if (place.level === 0)
        return isDataCid(cid)
          ? Stream.succeed({ _tag: "Leaf", cid })
          : Stream.fail(new InvalidManifest({ cid, detail: "it is not a block of data" }))
      if (!isNodeCid(cid))
        return Stream.fail(
          new InvalidManifest({ cid, detail: `it is not a node, and ${place.sizeBytes} bytes take one` }),
        )
      return read(cid).pipe(
        Stream.flatMap((block) => {
          const children = decodeNode(place, block)
          if (Result.isFailure(children)) return Stream.fail(children.failure)
          const node = Stream.succeed<FileStep>({ _tag: "Node", block })
          if (place.level === 1)
            return Stream.concat(
              node,
              Stream.fromIterable(children.success.map((cid): FileStep => ({ _tag: "Leaf", cid }))),
            )
          const sizes = childSizes(place)
          return Stream.fromIterable(children.success).pipe(
            Stream.zipWithIndex,
            Stream.flatMap(([child, index]) => below({ level: place.level - 1, sizeBytes: sizes[index] ?? 0n }, child)),
            (rest) => Stream.concat(node, rest),
          )
        }),
      )
    }
    return below(rootPlace(sizeBytes), root)
  },

  /** The data blocks of a file in order. */
  leaves: <E, R>(
    root: Cid,
    sizeBytes: bigint,
    read: (node: Cid) => Stream.Stream<Block, E, R>,
  ): Stream.Stream<Cid, E | InvalidManifest, R> =>
    FileTree.walk(root, sizeBytes, read).pipe(
      Stream.filter((step) => step._tag === "Leaf"),
      Stream.map(({ cid }) => cid),
    ),
}
