import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { PeerKey } from "../src/index.ts"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"

/** One turn of the event loop. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const addressOf = ({ exchange }: ExchangeTest.BedNode) => `${exchange.addresses[0]}/p2p/${exchange.peerId}`

describe("A known peer", () => {
  it.live("is connected to when it comes up, and again when it comes back", () =>
    Effect.gen(function* () {
      const key = yield* PeerKey.generate
      const first = yield* Effect.scoped(libp2pNode({ key }))
      const node = yield* libp2pNode({ peers: [addressOf(first)] })
      assert.deepStrictEqual(yield* node.exchange.peers, [])
      for (let i = 0; i < 2; i++) {
        const scope = yield* Scope.make()
        const peer = yield* Scope.provide(libp2pNode({ key, listen: [...first.exchange.addresses] }), scope)
        assert.strictEqual(peer.exchange.peerId, first.exchange.peerId)
        while ((yield* node.exchange.peers).length === 0) yield* turn
        yield* ExchangeTest.storeAll(peer, [ExchangeTest.dataBlock(1)])
        ExchangeTest.assertBlocks(yield* ExchangeTest.fetchAll(node, [ExchangeTest.dataBlock(1)]), [
          ExchangeTest.dataBlock(1),
        ])
        yield* Scope.close(scope, Exit.void)
        while ((yield* node.exchange.peers).length > 0) yield* turn
      }
    }),
  )

  it.effect("that is this node itself is no peer", () =>
    Effect.gen(function* () {
      const key = yield* PeerKey.generate
      const first = yield* Effect.scoped(libp2pNode({ key }))
      const node = yield* libp2pNode({ key, peers: [addressOf(first)] })
      assert.deepStrictEqual(yield* node.exchange.peers, [])
    }),
  )

  for (const address of ["", "127.0.0.1:8070", "/ip4/127.0.0.1/tcp/8070", "/ip4/127.0.0.1/tcp/8070/p2p/Qm"]) {
    it.effect(`at "${address}" is InvalidPeerAddress`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(libp2pNode({ peers: [address] }))
        assert.strictEqual(error._tag, "InvalidPeerAddress")
        assert.include(error.message, `"${address}"`)
      }),
    )
  }
})

describe("A node", () => {
  it.effect("listens where it was told", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      assert.strictEqual(node.exchange.addresses.length, 1)
      assert.match(node.exchange.addresses[0] ?? "", /^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*$/)
    }),
  )

  it.effect("on a port that is in use, or at an address that is none, is CannotListen", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      for (const address of [
        ...node.exchange.addresses,
        "/ip4/127.0.0.1/tcp/99999",
        "localhost",
        "/ip4/192.0.2.1/tcp/0",
      ]) {
        const error = yield* Effect.flip(libp2pNode({ listen: [address] }))
        assert.strictEqual(error._tag, "CannotListen")
        assert.include(error.message, address)
      }
    }),
  )
})
