import { type Cid, isDataCid } from "../Block.ts"
import { blockKey, cidOfKey } from "./blockKey.ts"

/** What a store knows of the blocks under one name. */
export class Volume {
  readonly #sizes = new Map<string, number>()
  /** Those of its blocks that were found damaged. */
  readonly #damaged = new Set<string>()
  #dataBytes = 0
  #metadataBytes = 0
  isCached = false
  /** When it was last read or written, counted in such uses. */
  lastUse = 0

  get found() {
    return { dataBytes: BigInt(this.#dataBytes), metadataBytes: BigInt(this.#metadataBytes) }
  }

  get count(): number {
    return this.#sizes.size
  }

  has(cid: Cid): boolean {
    return this.#sizes.has(blockKey(cid))
  }

  sizeOf(cid: Cid): number | undefined {
    return this.#sizes.get(blockKey(cid))
  }

  /** Comes to an end when the volume is emptied on the way. */
  *blocks() {
    for (const [key, sizeBytes] of this.#sizes) yield { cid: cidOfKey(key), sizeBytes }
  }

  add(cid: Cid, sizeBytes: number): void {
    this.#sizes.set(blockKey(cid), sizeBytes)
    this.#count(cid, sizeBytes)
  }

  remove(cid: Cid): void {
    const sizeBytes = this.sizeOf(cid)
    if (sizeBytes === undefined) return
    this.#sizes.delete(blockKey(cid))
    this.#damaged.delete(blockKey(cid))
    this.#count(cid, -sizeBytes)
  }

  clear(): void {
    this.#sizes.clear()
    this.#damaged.clear()
    this.#dataBytes = 0
    this.#metadataBytes = 0
  }

  get damaged(): ReadonlyArray<Cid> {
    return Array.from(this.#damaged, cidOfKey)
  }

  /** False: that was known. */
  markDamaged(cid: Cid): boolean {
    const size = this.#damaged.size
    return this.#damaged.add(blockKey(cid)).size > size
  }

  markIntact(cid: Cid): void {
    this.#damaged.delete(blockKey(cid))
  }

  #count(cid: Cid, sizeBytes: number) {
    if (isDataCid(cid)) this.#dataBytes += sizeBytes
    else this.#metadataBytes += sizeBytes
  }
}
