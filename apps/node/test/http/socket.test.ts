import { get, request } from "node:http"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Stream } from "effect"
import { layerServer } from "../../src/http/Server.ts"
import { serveMemoryNode } from "../MemoryNode.ts"
import { inWorld, newAccount } from "../MemoryWorld.ts"
import { ask } from "./Rest.ts"

/** Looks again until it is so; the test's own time limit ends it. */
const eventually = <E>(holds: Effect.Effect<boolean, E>) =>
  Effect.repeat(holds, { schedule: Schedule.spaced("20 millis"), until: (so) => so })

const newServer = Effect.gen(function* () {
  return yield* serveMemoryNode({ account: yield* newAccount(0n), roles: ["host"] })
})

/** What a program that calls the node by this name is answered with; `fetch` would not let it choose. */
const statusUnder = (port: number, host: string) =>
  Effect.callback<number>((resume) => {
    const asked = get({ host: "127.0.0.1", port, path: "/api/codex/v1/data", headers: { host } }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode ?? 0))
    })
    return Effect.sync(() => asked.destroy())
  })

describe("the REST interface on its port", () => {
  it.live("takes a file from a client and gives it back, with its length and its name", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const file = new Uint8Array(1_000_000).map((_, index) => index % 241)
      const cid = yield* node.client.upload({
        payload: Stream.fromIterable([file.slice(0, 400_000), file.slice(400_000)]),
        headers: { "content-disposition": "attachment; filename*=UTF-8''%E2%82%AC.bin" },
      })
      const { bytes, headers } = yield* ask(node, { path: `/data/${cid}` })
      assert.deepStrictEqual(bytes, file)
      assert.strictEqual(headers.get("content-length"), "1000000")
      assert.strictEqual(
        headers.get("content-disposition"),
        "attachment; filename=\"_.bin\"; filename*=UTF-8''%E2%82%AC.bin",
      )
    }).pipe(inWorld),
  )

  it.live("takes an empty file, with and without a body", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const [without, empty] = [
        yield* ask(node, { method: "POST", path: "/data" }),
        yield* ask(node, { method: "POST", path: "/data", body: new Uint8Array() }),
      ]
      assert.strictEqual(without.status, 200)
      assert.strictEqual(without.text, empty.text)
      const { headers, bytes } = yield* ask(node, { path: `/data/${empty.text}` })
      assert.deepStrictEqual([headers.get("content-length"), bytes.length], ["0", 0])
    }).pipe(inWorld),
  )

  it.live("takes the body as fetch sends a string: as text/plain;charset=UTF-8", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const offer = { totalSize: 65_536, duration: 60, minPricePerBytePerSecond: "1", totalCollateral: "1" }
      assert.strictEqual((yield* ask(node, { method: "POST", path: "/sales/availability", body: offer })).status, 201)
    }).pipe(inWorld),
  )

  it.live("answers an upload that it refuses while the body is still on its way", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const call = { method: "POST", path: "/data", body: new Uint8Array(20_000_000) }
      const full = yield* ask(node, call)
      assert.strictEqual(full.status, 422)
      assert.match(full.text, /^Not enough storage quota\. /)
      const untyped = yield* ask(node, { ...call, headers: { "content-type": "plain/text" } })
      assert.deepStrictEqual([untyped.status, untyped.text], [422, "The MIME type 'plain/text' is not valid."])
      assert.deepStrictEqual(yield* node.ledger.volumes, [])
    }).pipe(inWorld),
  )

  it.live("keeps nothing of an upload whose connection breaks", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const upload = request({
        host: "127.0.0.1",
        port: node.port,
        method: "POST",
        path: "/api/codex/v1/data",
        headers: { "content-length": 1_000_000 },
      })
      upload.on("error", () => {})
      upload.write(new Uint8Array(500_000))
      yield* eventually(Effect.map(node.store.volumes, (volumes) => volumes.some(({ dataBytes }) => dataBytes > 0n)))
      upload.destroy()
      yield* eventually(Effect.map(node.store.volumes, (volumes) => volumes.length === 0))
      yield* eventually(Effect.map(node.ledger.volumes, (volumes) => volumes.length === 0))
      assert.strictEqual((yield* ask(node, { path: "/data" })).text, '{"content":[]}')
    }).pipe(inWorld),
  )

  it.live("does nothing for a page of another site that a browser on this machine shows", () =>
    Effect.gen(function* () {
      const node = yield* newServer
      const call = (origin: string) => ({ method: "POST", path: "/data", body: "x", headers: { origin } })
      for (const origin of [
        "https://elsewhere.example",
        "null",
        `https://127.0.0.1:${node.port}`,
        "http://127.0.0.1",
      ]) {
        const { status, text } = yield* ask(node, call(origin))
        assert.strictEqual(status, 403)
        assert.include(text, "Only programs and pages of this machine")
      }
      // A page whose own name resolves to this machine.
      assert.strictEqual(yield* statusUnder(node.port, "elsewhere.example"), 403)
      assert.strictEqual(yield* statusUnder(node.port, `localhost:${node.port}`), 200)
      assert.deepStrictEqual(yield* node.store.volumes, [])
      assert.strictEqual((yield* ask(node, call(node.url))).status, 200)
    }).pipe(inWorld),
  )

  it.live("is bound to the loopback interface alone", () =>
    Effect.gen(function* () {
      const { port } = yield* newServer
      // Another address of the same machine.
      const refused = yield* Effect.callback<boolean>((resume) => {
        const socket = connect(port, "127.0.0.2")
        socket.once("connect", () => resume(Effect.succeed(false)))
        socket.once("error", () => resume(Effect.succeed(true)))
        return Effect.sync(() => socket.destroy())
      })
      assert.isTrue(refused)
    }).pipe(inWorld),
  )

  it.live("says which flag to use when its port is taken", () =>
    Effect.gen(function* () {
      const { port } = yield* newServer
      const { message } = yield* Effect.flip(Layer.build(layerServer(port)))
      assert.match(
        message,
        new RegExp(`port ${port} of 127\\.0\\.0\\.1 \\(.*EADDRINUSE.*\\); choose another with --api-port`),
      )
    }).pipe(inWorld),
  )
})
