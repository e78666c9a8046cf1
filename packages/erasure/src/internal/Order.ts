/** What to compute from what: shards are known by their index in the code word, data first. */
export interface Recipe {
  /** How many of the shards of a code word are data. */
  readonly k: number
  readonly shardSizeBytes: number
  /** k indices, ascending. */
  readonly known: ReadonlyArray<number>
  /** Indices of others than the known: at least one where there is something to compute. */
  readonly wanted: ReadonlyArray<number>
}

/** A recipe with room for the code word, in which the known shards stand. */
export interface Order extends Recipe {
  /** The pieces of the word, one after the other. */
  readonly room: ArrayBuffer
}

/** The computed shards, and the room, whose content is worth nothing now. */
export interface Computed {
  readonly shards: ReadonlyArray<Uint8Array<ArrayBuffer>>
  readonly room: ArrayBuffer
}

/** Longer shards are coded a piece at a time: the memory of wasm grows with what it is given, and never shrinks. */
const pieceSizeBytesMax = 65_536

/** How many parity shards lie before the last of these indices, itself included. */
export const parityIn = (k: number, indices: ReadonlyArray<number>): number => Math.max(k - 1, ...indices) - (k - 1)

/**
 * Shards that have to be laid out. A shard depends on k, its index and the data, not on how many parity shards there are, so the
 * word ends with the last one that is used.
 */
const wordShards = ({ k, known, wanted }: Recipe): number => k + Math.max(parityIn(k, known), parityIn(k, wanted))

export const roomSizeBytes = (recipe: Recipe): number => wordShards(recipe) * recipe.shardSizeBytes

/** A piece of all shards of a word, side by side. */
export interface Piece {
  /** Where it begins in each shard. */
  readonly from: number
  readonly sizeBytes: number
  readonly word: Uint8Array
}

export const piecesOf = (order: Order): ReadonlyArray<Piece> => {
  const { room, shardSizeBytes } = order
  const shards = wordShards(order)
  return Array.from({ length: Math.ceil(shardSizeBytes / pieceSizeBytesMax) }, (_, i) => {
    const from = i * pieceSizeBytesMax
    const sizeBytes = Math.min(pieceSizeBytesMax, shardSizeBytes - from)
    return { from, sizeBytes, word: new Uint8Array(room, from * shards, sizeBytes * shards) }
  })
}

/** Lays the known shards out. They are copied, so that the room can be moved to a thread and the caller keeps its own. */
export const place = (order: Order, shards: ReadonlyArray<Uint8Array | undefined>): void => {
  for (const { from, sizeBytes, word } of piecesOf(order))
    for (const index of order.known) {
      const bytes = shards[index]?.subarray(from, from + sizeBytes)
      if (bytes !== undefined) word.set(bytes, index * sizeBytes)
    }
}
