import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { identify } from "@libp2p/identify"
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht"
import { ping } from "@libp2p/ping"
import { multiaddr } from "@multiformats/multiaddr"
import type { Cid } from "@pecia/datasets"
import { Effect, Stream } from "effect"
import { Key } from "interface-datastore"
import * as limits from "../src/internal/limits.ts"
import { encodeAnswers } from "../src/internal/messages.ts"
import { PeerRecords } from "../src/internal/peerRecords.ts"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"
import { peerThat } from "./rawNode.ts"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Networks of their own: other tests may run on this machine. */
const network = `pecia-test-${process.pid}`

const peerIds = (node: ExchangeTest.BedNode) => Effect.map(node.exchange.peers, (peers) => peers.map(({ id }) => id))

describe("Nodes on one network", () => {
  it.live("find each other without being told, those of another network not", () =>
    Effect.gen(function* () {
      const other = yield* libp2pNode({ discovery: { local: true, network: `${network}-b` } })
      const a = yield* libp2pNode({ discovery: { local: true, network: `${network}-a` } })
      const b = yield* libp2pNode({ discovery: { local: true, network: `${network}-a` } })
      while ((yield* peerIds(a)).length === 0) yield* turn
      while ((yield* peerIds(b)).length === 0) yield* turn
      assert.deepStrictEqual([yield* peerIds(a), yield* peerIds(b)], [[b.exchange.peerId], [a.exchange.peerId]])
      assert.deepStrictEqual(yield* peerIds(other), [])
      yield* ExchangeTest.storeAll(b, [ExchangeTest.dataBlock(1)])
      yield* ExchangeTest.fetchAll(a, [ExchangeTest.dataBlock(1)])
    }),
  )
})

/** Announces through others, but answers no questions about who has what: others call it only when they look for what it has. */
const client = {
  identify: identify(),
  ping: ping(),
  routing: kadDHT({ protocol: "/pecia/kad/1.0.0", clientMode: true, peerInfoMapper: passthroughMapper }),
}

describe("A node that looks for others", () => {
  it.live("calls those, known to a peer of its own, that announced what it asks near, and no others", () =>
    Effect.gen(function* () {
      const [block, near] = [ExchangeTest.dataBlock(1), ExchangeTest.dataBlock(2).cid]
      const known = yield* libp2pNode({ discovery: { routing: true } })
      const far = yield* peerThat((stream) => {
        stream.send(encodeAnswers([block.bytes]))
        stream.close().catch(() => {})
      }, client)
      const address = multiaddr(`${known.exchange.addresses[0]}/p2p/${known.exchange.peerId}`)
      yield* Effect.promise(() => far.node.dial(address))
      yield* Effect.promise(() => far.node.contentRouting.provide(near))

      const node = yield* libp2pNode({ discovery: { routing: true } })
      yield* ExchangeTest.connect(node, known)
      const fetch = (options: { readonly near?: Cid }) => Stream.runCollect(node.exchange.fetch([block.cid], options))
      for (const options of [{}, { near: block.cid }]) {
        assert.strictEqual((yield* Effect.flip(fetch(options)))._tag, "BlocksUnavailable")
      }
      // What is announced is stored a moment after it was sent.
      const found = fetch({ near }).pipe(Effect.retry({ while: ({ _tag }) => _tag === "BlocksUnavailable" }))
      ExchangeTest.assertBlocks(yield* found, [block])
      assert.strictEqual(far.requests, 1)
    }),
  )

  it.effect("calls nobody whom it was not told of", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode({ discovery: { routing: true } })
      const [block] = [ExchangeTest.dataBlock(1)]
      yield* node.exchange.announce(block.cid)
      for (let i = 0; i < 100; i++) yield* turn
      assert.deepStrictEqual(yield* node.exchange.peers, [])
    }),
  )

  it.live("lets its process end when its scope ends, what it announced withdrawn", () =>
    Effect.promise(async () => {
      const script = fileURLToPath(new URL("./processes/stops.ts", import.meta.url))
      const child = spawn(process.execPath, ["--conditions=@pecia/source", script, network], { stdio: "inherit" })
      assert.deepStrictEqual(await once(child, "exit"), [0, null])
    }),
  )
})

describe("What others have a node remember", () => {
  const provider = (i: number) => new Key(`/dht/provider/cid-${i}/peer`)
  const count = (records: PeerRecords, prefix: string) => Array.from(records._allKeys({ prefix })).length

  it("is bounded: the oldest records of who has what are forgotten, and those only", () => {
    const records = new PeerRecords()
    records.put(new Key("/peers/first"), Uint8Array.of(1))
    records.put(provider(0), Uint8Array.of(0))
    for (let i = 0; i <= limits.providerRecordsMax; i++) records.put(provider(i), Uint8Array.of(i))
    assert.strictEqual(count(records, "/dht/provider"), limits.providerRecordsMax)
    assert.isFalse(records.has(provider(0)))
    assert.isTrue(records.has(provider(1)))
    assert.deepStrictEqual(records.get(new Key("/peers/first")), Uint8Array.of(1))
  })

  it("is bounded for peers, and for anything else", () => {
    const records = new PeerRecords()
    for (const kind of ["/peers", "/dht/record", "/anything"]) {
      for (let i = 0; i <= limits.peerRecordsMax; i++) records.put(new Key(`${kind}/${i}`), Uint8Array.of(1))
      assert.strictEqual(count(records, kind), limits.peerRecordsMax)
    }
  })

  it("is found by its name or the beginning of it, and gone when it is deleted", () => {
    const records = new PeerRecords()
    records.put(provider(1), Uint8Array.of(1))
    records.put(provider(2), Uint8Array.of(2))
    const found = Array.from(records._all({ prefix: "/dht/provider/cid-1" }))
    assert.deepStrictEqual(
      found.map(({ key, value }) => [key.toString(), value]),
      [["/dht/provider/cid-1/peer", Uint8Array.of(1)]],
    )
    records.delete(provider(1))
    assert.throws(() => records.get(provider(1)), /no record/)
  })
})
