import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { PeerKey } from "../src/index.ts"
import { libp2pNode } from "./beds.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(path.join(os.tmpdir(), "pecia-exchange-"))),
  (folder) => Effect.promise(() => fs.rm(folder, { recursive: true })),
)

describe("PeerKey", () => {
  it.effect("in a file is made once, for the owner's eyes only, and gives the same peer id ever after", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "peer.key")
      const first = yield* PeerKey.fromFile(file)
      assert.strictEqual((yield* Effect.promise(() => fs.stat(file))).mode & 0o777, 0o600)
      const again = yield* PeerKey.fromFile(file)
      const a = yield* Effect.scoped(libp2pNode({ key: first }))
      const b = yield* Effect.scoped(libp2pNode({ key: again }))
      assert.strictEqual(a.exchange.peerId, b.exchange.peerId)
      const c = yield* Effect.scoped(libp2pNode())
      assert.notStrictEqual(a.exchange.peerId, c.exchange.peerId)
      assert.notInclude(String(first), Buffer.from(Redacted.value(first)).toString("base64"))
    }),
  )

  it.effect("in a file that others can read is refused", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "peer.key")
      yield* PeerKey.fromFile(file)
      yield* Effect.promise(() => fs.chmod(file, 0o640))
      const error = yield* Effect.flip(PeerKey.fromFile(file))
      assert.include(error.message, "chmod 600")
    }),
  )

  it.effect("that is none is refused without being shown", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "peer.key")
      for (const text of ["", "hunter2", Buffer.alloc(68, 7).toString("base64")]) {
        yield* Effect.promise(() => fs.writeFile(file, text, { mode: 0o600 }))
        const error = yield* Effect.flip(PeerKey.fromFile(file))
        assert.strictEqual(error._tag, "InvalidPeerKey")
        assert.include(error.message, file)
        if (text !== "") assert.notInclude(error.message, text)
      }
      const error = yield* Effect.flip(libp2pNode({ key: Redacted.make(new Uint8Array(10)) }))
      assert.strictEqual(error._tag, "InvalidPeerKey")
    }),
  )

  it.effect("in a folder that is not there, or in place of a folder, is InvalidPeerKey", () =>
    Effect.gen(function* () {
      const where = yield* folder
      for (const file of [path.join(where, "none", "peer.key"), where]) {
        assert.strictEqual((yield* Effect.flip(PeerKey.fromFile(file)))._tag, "InvalidPeerKey")
      }
    }),
  )
})
