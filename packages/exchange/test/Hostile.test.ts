import { assert, describe, it } from "@effect/vitest"
import type { Stream as Libp2pStream } from "@libp2p/interface"
import { multiaddr } from "@multiformats/multiaddr"
import { Deferred, Effect, Fiber, Layer, Logger, References, Result } from "effect"
import { TestClock } from "effect/testing"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"
import { askerOf, endOf, peerThat } from "./rawNode.ts"

const { assertBlocks, connect, dataBlock, fetchAll, storeAll } = ExchangeTest

const wanted = [dataBlock(1), dataBlock(2), dataBlock(3)]
const found = (length: number, bytes: Uint8Array) => {
  const head = Buffer.alloc(5, 1)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, bytes])
}
const honest = Buffer.concat(wanted.map(({ bytes }) => found(1000, bytes)))

const reply = (bytes: Uint8Array) => (stream: Libp2pStream) => {
  stream.send(bytes)
  stream.close().catch(() => {})
}

/** One turn of the event loop, so that sockets get on while the time of the test stands still. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Lets time pass, a second in each turn, until the effect has ended. */
const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) yield* Effect.andThen(TestClock.adjust("1 second"), turn)
    return yield* Fiber.join(fiber)
  })

/** Runs the effect with its log, debug lines included, in a list. */
const withLog = <A, E, R>(use: (lines: ReadonlyArray<unknown>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<unknown> = []
    const log = Logger.make(({ message }) => lines.push(message))
    return Effect.provide(use(lines), [Logger.layer([log]), Layer.succeed(References.MinimumLogLevel, "Debug")])
  })

describe("A peer that", () => {
  for (const [does, behave] of [
    ["sends other bytes than were asked for", reply(found(1000, new Uint8Array(1000)))],
    ["sends the right bytes in the wrong place", reply(found(1000, dataBlock(2).bytes))],
    ["sends a block with a byte missing", reply(Buffer.concat([found(999, dataBlock(1).bytes.slice(1)), honest]))],
    ["announces 4 GiB", reply(found(0xffff_ffff, new Uint8Array(1000)))],
    ["announces one byte more than a block can have", reply(found(65_537, new Uint8Array(1000)))],
    ["answers with a status that is none", reply(Uint8Array.of(2))],
    ["sends on after its reply", reply(Buffer.concat([honest, Uint8Array.of(0)]))],
    ["sends far more than any reply has", reply(new Uint8Array(3_000_000))],
  ] as const) {
    it.effect(`${does} is disconnected and not talked to again`, () =>
      Effect.gen(function* () {
        const node = yield* libp2pNode()
        const liar = yield* peerThat(behave)
        const other = yield* libp2pNode()
        yield* storeAll(other, wanted)
        yield* node.exchange.connect(liar.address)
        yield* Effect.forkChild(Effect.ignore(fetchAll(node, wanted)))
        while ((yield* node.exchange.peers).length > 0) yield* turn
        yield* connect(node, other)
        assertBlocks(yield* fetchAll(node, wanted), wanted)

        const error = yield* Effect.flip(node.exchange.connect(liar.address))
        assert.include(error.message, "wrong blocks")
        while (liar.node.getConnections().length > 0) yield* turn
        const address = multiaddr(`${node.exchange.addresses[0]}/p2p/${node.exchange.peerId}`)
        yield* Effect.ignore(Effect.tryPromise(() => liar.node.dial(address)))
        while (liar.node.getConnections().length > 0) yield* turn
        assert.deepStrictEqual(
          (yield* node.exchange.peers).map(({ id }) => id),
          [other.exchange.peerId],
        )
        yield* fetchAll(node, wanted)
        assert.strictEqual(liar.requests, 1)
      }),
    )
  }

  for (const [does, behave] of [
    ["ends in the middle of a block", reply(honest.subarray(0, 1500))],
    ["ends in the middle of a length", reply(honest.subarray(0, 3))],
    ["says nothing and ends", reply(new Uint8Array())],
    ["resets the stream", (stream: Libp2pStream) => stream.abort(new Error("no"))],
    [
      "resets the stream in the middle of a block",
      (stream: Libp2pStream) => {
        stream.send(honest.subarray(0, 1500))
        setImmediate(() => stream.abort(new Error("no")))
      },
    ],
  ] as const) {
    it.effect(`${does} is made up for by another one, and stays connected`, () =>
      Effect.gen(function* () {
        const node = yield* libp2pNode()
        const breaking = yield* peerThat(behave)
        const other = yield* libp2pNode()
        yield* storeAll(other, wanted)
        yield* node.exchange.connect(breaking.address)
        while (breaking.requests === 0) {
          yield* connect(node, other)
          assertBlocks(yield* fetchAll(node, wanted), wanted)
        }
        assert.strictEqual((yield* node.exchange.peers).length, 2)
      }),
    )
  }

  it.effect("has only some of the blocks gives these, and another one the rest", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      const partial = yield* peerThat(reply(Buffer.concat([found(1000, dataBlock(1).bytes), Uint8Array.of(0, 0)])))
      const other = yield* libp2pNode()
      yield* storeAll(other, wanted.slice(1))
      yield* node.exchange.connect(partial.address)
      yield* connect(node, other)
      const onlyRest = yield* Effect.result(fetchAll(other, wanted.slice(1)))
      assert.isTrue(Result.isSuccess(onlyRest))
      assertBlocks(yield* fetchAll(node, wanted), wanted)
    }),
  )

  it.effect("falls silent is given up after 15 seconds without a byte", () =>
    withLog(
      Effect.fnUntraced(function* (lines) {
        const node = yield* libp2pNode()
        const asked = yield* Deferred.make<Libp2pStream>()
        const silent = yield* peerThat((stream) => {
          stream.send(honest.subarray(0, 1500))
          Deferred.doneUnsafe(asked, Effect.succeed(stream))
        })
        yield* node.exchange.connect(silent.address)
        const fiber = yield* Effect.forkChild(fetchAll(node, wanted))
        const stream = yield* Deferred.await(asked)
        const other = yield* libp2pNode()
        yield* storeAll(other, wanted)
        yield* connect(node, other)
        assert.strictEqual(yield* whileTimePasses(endOf(stream)), "reset")
        assertBlocks(yield* Fiber.join(fiber), wanted)
        assert.include(lines.join(), "silent for 15 seconds")
      }),
    ),
  )

  it.effect("lets bytes drip in is given up after 2 minutes", () =>
    withLog(
      Effect.fnUntraced(function* (lines) {
        const node = yield* libp2pNode()
        const dripping = yield* peerThat((stream) => {
          stream.send(found(65_536, new Uint8Array()))
          const drip = () => {
            if (stream.status !== "open") return
            stream.send(Uint8Array.of(0))
            setImmediate(drip)
          }
          drip()
        })
        yield* node.exchange.connect(dripping.address)
        const fiber = yield* Effect.forkChild(fetchAll(node, [dataBlock(1, 65_536)]))
        while (!lines.join().includes("takes too long")) yield* Effect.andThen(TestClock.adjust("1 second"), turn)
        yield* Fiber.interrupt(fiber)
      }),
    ),
  )

  it.effect("does not speak the protocol is passed over", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      const foreign = yield* peerThat(() => {})
      yield* Effect.promise(() => foreign.node.unhandle("/pecia/blocks/2.0.0"))
      const other = yield* libp2pNode()
      yield* storeAll(other, wanted)
      yield* node.exchange.connect(foreign.address)
      yield* connect(node, other)
      assertBlocks(yield* fetchAll(node, wanted), wanted)
    }),
  )
})

const request = (cids: ReadonlyArray<Uint8Array>, length = Buffer.concat(cids).length) => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(length)
  return Buffer.concat([head, ...cids])
}
const cid = dataBlock(1).cid.bytes

describe("An asker that", () => {
  for (const [does, bytes] of [
    ["announces 4 GiB", request([cid], 0xffff_fffc)],
    ["asks for a million blocks", request([cid], 36_000_000)],
    ["asks for nothing", request([])],
    ["asks for 65 blocks", request(Array.from({ length: 65 }, () => cid))],
    ["asks for a part of a CID", request([cid, cid.slice(0, 35)])],
    ["asks for a CID of another hash", request([Uint8Array.from([1, 0x55, 0x1b, 0x20, ...cid.slice(4)])])],
    ["asks for what is no CID", request([new Uint8Array(36)])],
    ["sends on after its request", Buffer.concat([request([cid]), cid])],
    ["ends in the middle of its request", request([cid, cid]).subarray(0, 50)],
    ["ends before its request", new Uint8Array()],
    ["sends a megabyte", new Uint8Array(1_048_576).fill(1)],
  ] as const) {
    it.effect(`${does} has its stream reset, and the node goes on serving`, () =>
      Effect.gen(function* () {
        const node = yield* libp2pNode()
        yield* storeAll(node, wanted)
        const open = yield* askerOf(node)
        const stream = yield* open
        stream.addEventListener("message", () => {})
        stream.send(bytes)
        if (does.startsWith("ends")) yield* Effect.ignore(Effect.tryPromise(async () => stream.close()))
        assert.strictEqual(yield* endOf(stream), "reset")
        const other = yield* libp2pNode()
        yield* connect(other, node)
        assertBlocks(yield* fetchAll(other, wanted), wanted)
      }),
    )
  }

  it.effect("does not send its request, or does not end it, has its stream reset after 15 seconds", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      const open = yield* askerOf(node)
      for (const bytes of [Buffer.alloc(0), request([cid]).subarray(0, 20), request([cid])]) {
        const stream = yield* open
        if (bytes.length > 0) stream.send(bytes)
        assert.strictEqual(yield* whileTimePasses(endOf(stream)), "reset")
      }
    }),
  )

  it.effect("lets its request drip in has its stream reset after 2 minutes", () =>
    withLog(
      Effect.fnUntraced(function* (lines) {
        const node = yield* libp2pNode()
        const stream = yield* yield* askerOf(node)
        stream.send(request([], 64 * 36))
        const drip = () => {
          if (stream.status !== "open") return
          stream.send(Uint8Array.of(0))
          setImmediate(drip)
        }
        drip()
        assert.strictEqual(yield* whileTimePasses(endOf(stream)), "reset")
        assert.include(lines.join(), "more than 2 minutes")
      }),
    ),
  )

  it.effect("does not read the reply has its stream reset after 15 seconds", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      const blocks = Array.from({ length: 16 }, (_, i) => dataBlock(i, 65_536))
      yield* storeAll(node, blocks)
      const stream = yield* yield* askerOf(node)
      stream.pause()
      stream.send(request(blocks.map((block) => block.cid.bytes)))
      yield* Effect.promise(async () => stream.close())
      while (stream.readBufferLength === 0) yield* turn
      assert.strictEqual(yield* whileTimePasses(endOf(stream)), "reset")
    }),
  )

  it.effect("asks too much at once has the surplus streams reset, and is served again afterwards", () =>
    Effect.gen(function* () {
      const node = yield* libp2pNode()
      yield* storeAll(node, wanted)
      const open = yield* askerOf(node)
      const streams = yield* Effect.forEach(Array.from({ length: 40 }), () => Effect.result(Effect.exit(open)))
      const alive = () =>
        streams.flatMap((exit) =>
          Result.isSuccess(exit) && exit.success._tag === "Success" && exit.success.value.status === "open"
            ? [exit.success.value]
            : [],
        )
      while (alive().length > 8) yield* turn
      for (const stream of alive()) stream.abort(new Error("enough"))
      let isServed = false
      while (!isServed) {
        const stream = yield* open
        stream.addEventListener("message", () => {
          isServed = true
        })
        stream.send(request([cid]))
        yield* Effect.ignore(Effect.tryPromise(async () => stream.close()))
        yield* endOf(stream)
      }
    }),
  )
})
