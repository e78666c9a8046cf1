import { NotFoundError } from "@libp2p/interface"
import { BaseDatastore } from "datastore-core/base"
import { Key, type KeyQuery, type Pair, type Query } from "interface-datastore"
import * as limits from "./limits.ts"

/** A kind of record that others make a node keep. */
interface Kind {
  readonly prefix: string
  readonly recordsMax: number
  readonly records: Map<string, Uint8Array>
}

const kind = (prefix: string, recordsMax: number): Kind => ({ prefix, recordsMax, records: new Map() })

/** What libp2p remembers of other nodes, in memory. Anybody may claim anything, so the oldest records give way to new ones. */
export class PeerRecords extends BaseDatastore {
  readonly #kinds = [
    kind("/dht/provider/", limits.providerRecordsMax),
    kind("/dht/", limits.peerRecordsMax),
    kind("/peers/", limits.peerRecordsMax),
    kind("/", limits.peerRecordsMax),
  ]

  #recordsOf(key: Key): Kind | undefined {
    const text = key.toString()
    return this.#kinds.find(({ prefix }) => text.startsWith(prefix))
  }

  override put(key: Key, value: Uint8Array): Key {
    const kind = this.#recordsOf(key)
    kind?.records.delete(key.toString())
    kind?.records.set(key.toString(), value)
    if (kind !== undefined && kind.records.size > kind.recordsMax) {
      for (const oldest of kind.records.keys()) {
        kind.records.delete(oldest)
        break
      }
    }
    return key
  }

  override get(key: Key): Uint8Array {
    const value = this.#recordsOf(key)?.records.get(key.toString())
    if (value === undefined) throw new NotFoundError(`there is no record ${key}`)
    return value
  }

  override has(key: Key): boolean {
    return this.#recordsOf(key)?.records.has(key.toString()) ?? false
  }

  override delete(key: Key): void {
    this.#recordsOf(key)?.records.delete(key.toString())
  }

  // The prefix is looked at before a Key is made, which costs a hundred times more.
  override *_all({ prefix = "/" }: Query): Generator<Pair> {
    for (const { records } of this.#kinds)
      for (const [text, value] of Array.from(records))
        if (text.startsWith(prefix)) yield { key: new Key(text, false), value }
  }

  override *_allKeys({ prefix = "/" }: KeyQuery): Generator<Key> {
    for (const { key } of this._all({ prefix })) yield key
  }
}
