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

/** A recipe with the known shards. */
export interface Order extends Recipe {
  /** Begins with the known shards, one after the other. */
  readonly room: ArrayBuffer
}

/** The computed shards, and the room, to be used again. */
export interface Computed {
  readonly shards: ReadonlyArray<Uint8Array<ArrayBuffer>>
  readonly room: ArrayBuffer
}

export const roomSizeBytes = ({ k, shardSizeBytes }: Recipe): number => k * shardSizeBytes

/** The known shards are copied, so that the room can be moved to a thread and the caller keeps its own. */
export const place = ({ known, room, shardSizeBytes }: Order, shards: ReadonlyArray<Uint8Array | undefined>): void => {
  const bytes = new Uint8Array(room)
  known.forEach((index, i) => {
    bytes.set(shards[index] ?? [], i * shardSizeBytes)
  })
}
