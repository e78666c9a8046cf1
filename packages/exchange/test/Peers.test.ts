import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, References, Scope } from "effect"
import { PeerKey } from "../src/index.ts"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"
import { peerThat } from "./rawNode.ts"

/** One turn of the event loop. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const addressOf = ({ exchange }: ExchangeTest.BedNode) => `${exchange.addresses[0]}/p2p/${exchange.peerId}`

interface Line {
  readonly level: string
  readonly text: string
}

/** Runs with what is logged, debug lines too. */
const withLog = <A, E, R>(run: (lines: ReadonlyArray<Line>) => Effect.Effect<A, E, R>) => {
  const lines: Array<Line> = []
  const logger = Logger.make(({ logLevel, message }) => void lines.push({ level: logLevel, text: String(message) }))
  return run(lines).pipe(Effect.provide([Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug")]))
}

const count = (lines: ReadonlyArray<Line>, level: string) => lines.filter((line) => line.level === level).length

const told = (lines: ReadonlyArray<Line>) =>
  lines.flatMap(({ level, text }) => (level === "Debug" ? [] : [`${level}: ${text}`]))

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

  it.live("is told of in the log when it cannot be reached, is reached and is lost, once each", () =>
    withLog((lines) =>
      Effect.gen(function* () {
        const key = yield* PeerKey.generate
        const first = yield* Effect.scoped(libp2pNode({ key }))
        const address = addressOf(first)
        const port = address.split("/")[4]
        const refused = `Peer ${address} cannot be reached: connection error 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}.`
        const expected = [`Warn: ${refused}`]
        yield* libp2pNode({ peers: [address] })
        while (count(lines, "Debug") < 2) yield* turn
        assert.deepStrictEqual(told(lines), expected)
        for (let i = 1; i <= 2; i++) {
          const scope = yield* Scope.make()
          yield* Scope.provide(libp2pNode({ key, listen: [...first.exchange.addresses] }), scope)
          while (count(lines, "Info") < i) yield* turn
          yield* Scope.close(scope, Exit.void)
          const repeated = count(lines, "Debug")
          while (count(lines, "Debug") === repeated) yield* turn
          expected.push(`Info: Peer ${address} is connected.`, `Warn: The connection is lost. ${refused}`)
          assert.deepStrictEqual(told(lines), expected)
        }
      }),
    ),
  )

  it.live("that is lost and reached again by the first retry is no news", () =>
    withLog((lines) =>
      Effect.gen(function* () {
        const peer = yield* peerThat(() => {})
        const { exchange } = yield* libp2pNode({ peers: [peer.address] })
        while (count(lines, "Info") === 0) yield* turn
        for (let i = 1; i <= 2; i++) {
          while (peer.node.getConnections().length === 0) yield* turn
          yield* Effect.promise(() => Promise.all(peer.node.getConnections().map((connection) => connection.close())))
          while (count(lines, "Debug") < i) yield* turn
          assert.strictEqual((yield* exchange.peers).length, 1)
        }
        assert.deepStrictEqual(told(lines), [`Info: Peer ${peer.address} is connected.`])
      }),
    ),
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
})
