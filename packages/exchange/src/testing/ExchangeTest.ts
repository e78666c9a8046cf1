import { assert, describe, it } from "@effect/vitest"
import { Block, type BlockSpace, type BlockStore } from "@pecia/datasets"
import { Context, Effect, Exit, Fiber, type Layer, Result, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Exchange } from "../Exchange.ts"

/** A node of the network under test. */
export interface BedNode {
  readonly exchange: Exchange["Service"]
  readonly store: BlockStore["Service"]
  readonly space: BlockSpace["Service"]
}

/** A network for the suite: each use of `node` makes one more node, connected to nobody, which leaves with the scope. */
export class ExchangeBed extends Context.Service<
  ExchangeBed,
  { readonly node: Effect.Effect<BedNode, unknown, Scope.Scope> }
>()("@pecia/exchange/testing/ExchangeBed") {}

/** A block of data; no two seeds give the same. */
export const dataBlock = (seed: number, sizeBytes = 1000): Block =>
  Result.getOrThrow(Block.data(Uint8Array.from({ length: sizeBytes }, (_, i) => (seed >> ((i % 4) * 8)) & 0xff)))

/** 1 MiB of a dag-cbor byte string. */
const metadataBlock = Result.getOrThrow(
  Block.metadata(Uint8Array.from([0x5a, 0x00, 0x0f, 0xff, 0xfb, ...new Uint8Array(1_048_571)])),
)

export const storeAll = Effect.fnUntraced(function* (node: BedNode, blocks: ReadonlyArray<Block>) {
  for (const block of blocks) {
    yield* node.space.hold("0xa", BigInt(block.bytes.length))
    yield* node.store.put("0xa", block)
  }
})

export const connect = Effect.fnUntraced(function* (from: BedNode, to: BedNode) {
  yield* from.exchange.connect(`${to.exchange.addresses[0]}/p2p/${to.exchange.peerId}`)
})

const cidsOf = (blocks: ReadonlyArray<Block>) => blocks.map(({ cid }) => cid)

export const fetchAll = (node: BedNode, blocks: ReadonlyArray<Block>) =>
  Stream.runCollect(node.exchange.fetch(cidsOf(blocks)))

export const assertBlocks = (actual: ReadonlyArray<Block>, expected: ReadonlyArray<Block>) => {
  assert.deepStrictEqual(
    actual.map(({ cid }) => cid.toString()),
    expected.map(({ cid }) => cid.toString()),
  )
  for (const [index, { bytes }] of actual.entries()) {
    assert.strictEqual(Buffer.compare(bytes, expected[index]?.bytes ?? new Uint8Array()), 0)
  }
}

const blocks = (count: number, from = 0) => Array.from({ length: count }, (_, i) => dataBlock(from + i))

/** What every Exchange does. `layer` is built anew for each test. */
export const suite = <E>(name: string, layer: Layer.Layer<ExchangeBed, E>) =>
  describe(name, () => {
    const test = <A, E2>(sentence: string, effect: Effect.Effect<A, E2, ExchangeBed | Scope.Scope>) =>
      it.effect(sentence, () => Effect.provide(effect, layer))

    const node = Effect.flatMap(ExchangeBed, (bed) => bed.node)

    /** One more node, to which the given one is connected. */
    const peerOf = (other: BedNode) => Effect.tap(node, (peer) => connect(other, peer))

    test(
      "blocks of any size come from a connected peer, in the order asked for",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        const all = [dataBlock(1, 65_536), metadataBlock, dataBlock(2, 0), ...blocks(100, 10), dataBlock(3, 1)]
        yield* storeAll(b, all)
        assertBlocks(yield* fetchAll(a, all), all)
        assertBlocks(yield* fetchAll(a, all.toReversed()), all.toReversed())
      }),
    )

    test(
      "a connection serves both of its ends",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        yield* storeAll(a, blocks(3))
        assertBlocks(yield* fetchAll(b, blocks(3)), blocks(3))
      }),
    )

    test(
      "blocks that are asked for twice come twice, none asked for are none",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        yield* storeAll(b, blocks(2))
        const twice = [dataBlock(1), dataBlock(0), dataBlock(1)]
        assertBlocks(yield* fetchAll(a, twice), twice)
        assertBlocks(yield* fetchAll(a, []), [])
      }),
    )

    test(
      "blocks are collected from whichever peers have them",
      Effect.gen(function* () {
        const a = yield* node
        const [b, c, d] = yield* Effect.all([peerOf(a), peerOf(a), peerOf(a)])
        const all = blocks(120)
        yield* storeAll(
          b,
          all.filter((_, i) => i % 3 === 0),
        )
        yield* storeAll(
          c,
          all.filter((_, i) => i % 3 === 1),
        )
        yield* storeAll(
          d,
          all.filter((_, i) => i % 3 === 2),
        )
        assertBlocks(yield* fetchAll(a, all), all)
      }),
    )

    test(
      "what is here is taken from here",
      Effect.gen(function* () {
        const a = yield* node
        yield* storeAll(a, blocks(3))
        assertBlocks(yield* fetchAll(a, blocks(3)), blocks(3))
      }),
    )

    test(
      "a block that no peer has is BlocksUnavailable, after those before it",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        const c = yield* peerOf(a)
        const all = blocks(40)
        yield* storeAll(b, all.slice(0, 35))
        yield* storeAll(c, all.slice(36))
        const seen: Array<Block> = []
        const error = yield* a.exchange.fetch(cidsOf(all)).pipe(
          Stream.runForEach((block) => Effect.sync(() => seen.push(block))),
          Effect.flip,
        )
        assert.strictEqual(error._tag, "BlocksUnavailable")
        if (error._tag !== "BlocksUnavailable") return
        assert.deepStrictEqual(error.cids.map(String), [String(all[35]?.cid)])
        assert.strictEqual(error.peersAsked, 2)
        assertBlocks(seen, all.slice(0, seen.length))
      }),
    )

    test(
      "with no peer connected blocks are waited for a while, then they are BlocksUnavailable",
      Effect.gen(function* () {
        const a = yield* node
        const fiber = yield* Effect.forkChild(Effect.flip(fetchAll(a, blocks(1))))
        yield* TestClock.adjust("10 seconds")
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag, "BlocksUnavailable")
        assert.include(error.message, "no peer is connected")
      }),
    )

    test(
      "a peer is listed while it is connected, at both ends",
      Effect.gen(function* () {
        const a = yield* node
        const scope = yield* Scope.make()
        const b = yield* Scope.provide(node, scope)
        assert.deepStrictEqual(yield* a.exchange.peers, [])
        yield* connect(a, b)
        yield* connect(a, b)
        assert.deepStrictEqual(
          (yield* a.exchange.peers).map(({ id }) => id),
          [b.exchange.peerId],
        )
        yield* storeAll(a, blocks(1))
        yield* fetchAll(b, blocks(1))
        assert.deepStrictEqual(
          (yield* b.exchange.peers).map(({ id }) => id),
          [a.exchange.peerId],
        )
        yield* Scope.close(scope, Exit.void)
        while ((yield* a.exchange.peers).length > 0) yield* Effect.promise(() => new Promise(setImmediate))
      }),
    )

    test(
      "an address that is none, that nobody listens on, that is this node's own or somebody else's is PeerUnreachable",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* node
        const gone = yield* Effect.scoped(node)
        const address = (of: BedNode, id = of.exchange.peerId) => `${of.exchange.addresses[0]}/p2p/${id}`
        for (const text of [
          "",
          "peer",
          b.exchange.addresses[0] ?? "",
          `${address(b)}x`,
          address(a),
          address(gone),
          address(b, gone.exchange.peerId),
          "/p2p/".repeat(10_000),
        ]) {
          const error = yield* Effect.flip(a.exchange.connect(text))
          assert.strictEqual(error._tag, "PeerUnreachable")
          assert.isBelow(error.message.length, 1500)
        }
        assert.deepStrictEqual(yield* a.exchange.peers, [])
      }),
    )

    test(
      "a fetch that is given up half-way leaves its peers usable",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        const all = blocks(300)
        yield* storeAll(b, all)
        for (let i = 0; i < 5; i++) {
          const some = yield* a.exchange.fetch(cidsOf(all)).pipe(Stream.take(20), Stream.runCollect)
          assertBlocks(some, all.slice(0, 20))
        }
        assertBlocks(yield* fetchAll(a, all), all)
      }),
    )

    test(
      "many fetches at once all get their blocks",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        const c = yield* peerOf(a)
        const all = blocks(100)
        yield* storeAll(a, all)
        yield* storeAll(c, blocks(100, 1000))
        yield* connect(b, c)
        yield* Effect.forEach(
          Array.from({ length: 10 }, (_, i) => i),
          (i) => Effect.map(fetchAll(b, all.slice(i)), (got) => assertBlocks(got, all.slice(i))),
          { concurrency: "unbounded" },
        )
      }),
    )

    test(
      "a peer that leaves in the middle of a transfer is made up for by one that has the rest",
      Effect.gen(function* () {
        const a = yield* node
        const scope = yield* Scope.make()
        const leaving = yield* Scope.provide(node, scope)
        const staying = yield* node
        const all = blocks(500)
        yield* storeAll(leaving, all)
        yield* storeAll(staying, all)
        yield* connect(a, leaving)
        let count = 0
        const got = yield* a.exchange.fetch(cidsOf(all)).pipe(
          Stream.tap(() =>
            Effect.gen(function* () {
              count += 1
              if (count !== 100) return
              yield* connect(a, staying)
              yield* Scope.close(scope, Exit.void)
            }),
          ),
          Stream.runCollect,
        )
        assertBlocks(got, all)
      }),
    )

    test(
      "whoever announced something is found through peers of peers, by those who look near it",
      Effect.gen(function* () {
        const a = yield* node
        const b = yield* peerOf(a)
        const c = yield* peerOf(b)
        const all = blocks(100)
        yield* storeAll(c, all)
        const near = dataBlock(99).cid
        yield* c.exchange.announce(near)
        // Announcing does not wait until others know.
        const search = a.exchange.fetch(cidsOf(all), { near }).pipe(
          Stream.runCollect,
          Effect.tapError(() => Effect.promise(() => new Promise(setImmediate))),
          Effect.retry({ while: ({ _tag }) => _tag === "BlocksUnavailable" }),
        )
        assertBlocks(yield* search, all)
        assert.include(
          (yield* a.exchange.peers).map(({ id }) => id),
          c.exchange.peerId,
        )
      }),
    )
  })
