import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Logger, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Bans from "../src/internal/bans.ts"
import * as limits from "../src/internal/limits.ts"
import { ExchangeTest } from "../src/testing/index.ts"
import { libp2pNode } from "./beds.ts"
import { peerThat } from "./rawNode.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => fs.mkdtemp(path.join(os.tmpdir(), "exchange-bans-"))),
  (directory) => Effect.promise(() => fs.rm(directory, { recursive: true })),
)

/** A peer that answers with a status that is none. */
const liar = peerThat((stream) => {
  stream.send(Uint8Array.of(2))
  stream.close().catch(() => {})
})

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Asks the peer, and waits until it is disconnected for what it sent. */
const findOut = Effect.fnUntraced(function* (node: ExchangeTest.BedNode, address: string) {
  yield* node.exchange.connect(address)
  yield* Effect.forkChild(Effect.ignore(ExchangeTest.fetchAll(node, [ExchangeTest.dataBlock(1)])))
  while ((yield* node.exchange.peers).length > 0) yield* turn
})

describe("A peer that sent a wrong block", () => {
  it.effect("is not talked to after a restart, until a day has passed", () =>
    Effect.gen(function* () {
      const bans = path.join(yield* folder, "bans.json")
      const { address, id } = yield* liar
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(libp2pNode({ bans }), scope)
      yield* findOut(first, address)
      while (!(yield* Effect.promise(() => fs.readFile(bans, "utf8").catch(() => ""))).includes(id)) yield* turn
      yield* Scope.close(scope, Exit.void)

      yield* TestClock.adjust("23 hours")
      const second = yield* libp2pNode({ bans })
      assert.include((yield* Effect.flip(second.exchange.connect(address))).message, "wrong blocks")
      yield* TestClock.adjust("1 hour")
      yield* second.exchange.connect(address)
      assert.strictEqual((yield* second.exchange.peers).length, 1)
    }),
  )

  it.effect("is forgotten with the node when there is no place to remember it", () =>
    Effect.gen(function* () {
      const { address } = yield* liar
      yield* Effect.scoped(Effect.flatMap(libp2pNode(), (node) => findOut(node, address)))
      yield* (yield* libp2pNode()).exchange.connect(address)
    }),
  )
})

describe("The list of bans", () => {
  for (const text of ["", "{", "[1]", '{"peer": "long"}', '{"peer": null}']) {
    it.effect(`that reads ${text || "nothing"} is begun anew, which the log tells`, () =>
      Effect.gen(function* () {
        const file = path.join(yield* folder, "bans.json")
        yield* Effect.promise(() => fs.writeFile(file, text))
        const lines: Array<string> = []
        const log = Logger.make(({ message }) => void lines.push(String(message)))
        const bans = yield* Effect.provide(Bans.make(file), Logger.layer([log]))
        assert.include(lines.join(), file)
        yield* bans.add("liar")
        assert.isTrue((yield* Bans.make(file)).has("liar"))
      }),
    )
  }

  it.effect("that cannot be written holds as long as the node, which the log tells", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "none", "bans.json")
      const lines: Array<string> = []
      const log = Logger.make(({ message }) => void lines.push(String(message)))
      yield* Effect.gen(function* () {
        const bans = yield* Bans.make(file)
        yield* bans.add("liar")
        assert.isTrue(bans.has("liar"))
      }).pipe(Effect.provide(Logger.layer([log])))
      assert.include(lines.join(), "cannot be written")
    }),
  )

  it.effect("does not grow for ever: the first are forgotten", () =>
    Effect.gen(function* () {
      const bans = yield* Bans.make(undefined)
      yield* Effect.forEach(Array.from({ length: limits.bansMax + 1 }).keys(), (i) => bans.add(`liar-${i}`))
      assert.isFalse(bans.has("liar-0"))
      assert.isTrue(bans.has("liar-1"))
      assert.isTrue(bans.has(`liar-${limits.bansMax}`))
    }),
  )
})
