import * as DagPb from "@ipld/dag-pb"
import { Result, Stream } from "effect"
import { UnixFS } from "ipfs-unixfs"
import { Block, blockSizeBytes, type Cid, isDataCid, isNodeCid } from "./Block.ts"
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

const aboutSizes = (sizes: ReadonlyArray<bigint>): Uint8Array =>
  new UnixFS({ type: "file", blockSizes: [...sizes] }).marshal()

const encodeNode = (children: ReadonlyArray<Child>): { readonly block: Block; readonly child: Child } => {
  const bytes = DagPb.encode({
    Data: aboutSizes(children.map(({ sizeBytes }) => sizeBytes)),
    Links: children.map(({ cid, treeSizeBytes }) => ({ Name: "", Tsize: Number(treeSizeBytes), Hash: cid })),
  })
  const block = Result.getOrThrow(Block.node(bytes))
  const sizeBytes = children.reduce((sum, child) => sum + child.sizeBytes, 0n)
  const treeSizeBytes = children.reduce((sum, child) => sum + child.treeSizeBytes, BigInt(bytes.length))
  return { block, child: { cid: block.cid, sizeBytes, treeSizeBytes } }
}

/** The links of a node, which must be exactly what its place demands. */
const decodeNode = (place: Place, { cid, bytes }: Block): Result.Result<ReadonlyArray<Cid>, InvalidManifest> =>
  Result.gen(function* () {
    const invalid = (detail: string) => Result.fail(new InvalidManifest({ cid, detail }))
    const node = yield* Result.try({
      try: () => DagPb.decode(bytes),
      catch: () => new InvalidManifest({ cid, detail: "it is not dag-pb" }),
    })
    const sizes = childSizes(place)
    if (node.Links.length !== sizes.length)
      return yield* invalid(`it has ${node.Links.length} links, and ${place.sizeBytes} bytes take ${sizes.length}`)
    if (node.Data === undefined || Buffer.compare(node.Data, aboutSizes(sizes)) !== 0)
      return yield* invalid(`it is not about ${place.sizeBytes} bytes of a file in blocks of ${blockSizeBytes}`)
    const cids = node.Links.map(({ Hash }) => Hash)
    const isRight = place.level === 1 ? isDataCid : isNodeCid
    if (!cids.every(isRight)) return yield* invalid("it links to a block of another kind than its place demands")
    return cids
  })

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

  /** The data blocks of a file in order; each node is read through `read` when it is needed. */
  leaves: <E, R>(
    root: Cid,
    sizeBytes: bigint,
    read: (node: Cid) => Stream.Stream<Block, E, R>,
  ): Stream.Stream<Cid, E | InvalidManifest, R> => {
    const below = (place: Place, cid: Cid): Stream.Stream<Cid, E | InvalidManifest, R> => {
      if (place.level === 0)
        return isDataCid(cid)
          ? Stream.succeed(cid)
          : Stream.fail(new InvalidManifest({ cid, detail: "it is not a block of data" }))
      return read(cid).pipe(
        Stream.flatMap((block) => {
          const children = decodeNode(place, block)
          if (Result.isFailure(children)) return Stream.fail(children.failure)
          if (place.level === 1) return Stream.fromIterable(children.success)
          const sizes = childSizes(place)
          return Stream.fromIterable(children.success).pipe(
            Stream.zipWithIndex,
            Stream.flatMap(([child, index]) => below({ level: place.level - 1, sizeBytes: sizes[index] ?? 0n }, child)),
          )
        }),
      )
    }
    return below(rootPlace(sizeBytes), root)
  },
}
