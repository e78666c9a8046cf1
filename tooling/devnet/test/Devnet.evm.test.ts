import { createServer } from "node:net"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Schema, Scope } from "effect"
import { Devnet } from "../src/index.ts"

const BlockHeader = Schema.Struct({ number: Schema.String, timestamp: Schema.String })

const head = Effect.gen(function* () {
  const { rpc } = yield* Devnet
  const block = yield* rpc("eth_getBlockByNumber", ["latest", false])
  const { number, timestamp } = yield* Schema.decodeUnknownEffect(BlockHeader)(block)
  return { number: BigInt(number), timestamp: BigInt(timestamp) }
})

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

layer(Devnet.layer({ timestamp: 1_700_000_000n }))("a devnet", (it) => {
  it.effect("answers on the loopback with its chain id and its accounts", () =>
    Effect.gen(function* () {
      const { accounts, chainId, rpc, url } = yield* Devnet
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.strictEqual(BigInt(String(yield* rpc("eth_chainId"))), chainId)
      const addresses = accounts.map(({ address }) => address)
      assert.deepStrictEqual(yield* rpc("eth_accounts"), addresses)
    }),
  )

  it.effect("mines past block 256 in one call", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const before = yield* head
      yield* devnet.mine(257)
      assert.strictEqual((yield* head).number, before.number + 257n)
    }),
  )

  it.effect("starts at the timestamp asked for and sets the time of the next block", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const { timestamp } = yield* head
      assert.isTrue(timestamp >= 1_700_000_000n && timestamp < 1_700_001_000n)
      yield* devnet.setNextBlockTimestamp(timestamp + 1_000n)
      yield* devnet.mine()
      assert.strictEqual((yield* head).timestamp, timestamp + 1_000n)
    }),
  )

  it.effect("moves the clock forward", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const { timestamp } = yield* head
      yield* devnet.increaseTime(5_000)
      yield* devnet.mine()
      assert.isTrue((yield* head).timestamp >= timestamp + 5_000n)
    }),
  )

  it.effect("undoes what an isolated effect did, also when it fails", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const before = yield* head
      const failing = Effect.andThen(devnet.mine(10), Effect.fail("on purpose"))
      assert.strictEqual(yield* Effect.flip(devnet.isolated(failing)), "on purpose")
      assert.deepStrictEqual(yield* head, before)
    }),
  )

  it.effect("says what anvil refused", () =>
    Effect.gen(function* () {
      const { rpc } = yield* Devnet
      const error = yield* Effect.flip(rpc("eth_noSuchMethod"))
      assert.strictEqual(error._tag, "DevnetRpcError")
      assert.match(error.message, /eth_noSuchMethod failed on the devnet at http:.*not found/i)
    }),
  )
})

describe("the process", () => {
  it.effect("ends with the scope, and calls fail from then on", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { pid, rpc } = yield* Devnet.make().pipe(Scope.provide(scope))
      assert.isTrue(isRunning(pid))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(isRunning(pid))
      assert.match((yield* Effect.flip(rpc("eth_chainId"))).message, /no answer; has anvil ended/)
    }),
  )

  it.effect("mines by itself when it has a block time", () =>
    Effect.gen(function* () {
      const { rpc } = yield* Devnet
      assert.strictEqual(yield* rpc("anvil_getAutomine"), false)
      assert.strictEqual(yield* rpc("anvil_getIntervalMining"), 1)
    }).pipe(Effect.provide(Devnet.layer({ blockTimeSeconds: 1 }))),
  )

  it.effect("is refused a port that is in use, in a sentence", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void))),
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : assert.fail("no port")
      const error = yield* Effect.flip(Devnet.make({ port }))
      assert.strictEqual(error._tag, "DevnetStartError")
      assert.match(error.message, /did not start: .*in use/i)
    }),
  )

  it.effect("is refused a hardfork that anvil does not know", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Devnet.make({ hardfork: "no-such-fork" }))
      assert.match(error.message, /no-such-fork/)
    }),
  )
})
