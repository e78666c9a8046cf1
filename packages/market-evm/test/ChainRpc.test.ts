import { assert, describe, it } from "@effect/vitest"
import { Address } from "@pecia/contracts-abi"
import { ChainError } from "@pecia/market"
import { Context, Effect, Layer, Option } from "effect"
import { CallReverted, ChainRpc, type ChainRpcOptions, NodeRefusal } from "../src/index.ts"
import { type Answer, deadUrl, handled, httpNode } from "./HttpNode.ts"

const account = Address.make(`0x${"ab".repeat(20)}`)
const call = { from: account, to: account, data: "0x" }
const hash = `0x${"cd".repeat(32)}`
const block = { number: "0x10", hash, parentHash: hash, timestamp: "0x64", baseFeePerGas: "0x7" }

const connect = (options: ChainRpcOptions) =>
  Effect.map(Layer.build(ChainRpc.layer(options)), (context) => Context.get(context, ChainRpc))

/** A transaction is sent once, so trouble shows without a wait. */
const once = (rpc: ChainRpc["Service"]) => rpc.broadcast("0x")

/** A node of chain 7, with the rest as the test has it. */
const chain7 = Effect.fnUntraced(function* (answer: Answer, options?: Partial<ChainRpcOptions>) {
  const node = yield* httpNode((call, request) =>
    call.method === "eth_chainId" ? { result: "0x7" } : answer(call, request),
  )
  return { ...node, rpc: yield* connect({ url: node.url, ...options }) }
})

const raw =
  (statusCode: number, body = ""): Answer =>
  (_call, { response }) => {
    response.writeHead(statusCode).end(body)
    return handled
  }

const breaks: Answer = (_call, { response }) => {
  response.destroy()
  return handled
}

const failure = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.instanceOf(error, ChainError)
    return error
  })

describe("ChainRpc", () => {
  it.live("sends the calls of one moment in one request", () =>
    Effect.gen(function* () {
      const { rpc, seen } = yield* chain7(() => ({ result: "0x5" }))
      const counts = yield* Effect.all(
        Array.from({ length: 50 }, () => rpc.transactionCount(account, "latest")),
        { concurrency: "unbounded" },
      )
      assert.deepStrictEqual([...new Set(counts)], [5n])
      assert.deepStrictEqual(
        seen.map(({ methods }) => methods.length),
        [1, 50],
      )
    }),
  )

  it.live("asks again when a read fails", () =>
    Effect.gen(function* () {
      const { rpc } = yield* chain7((call, request) =>
        request.count < 4 ? raw(503)(call, request) : { result: "0x5" },
      )
      assert.strictEqual(yield* rpc.transactionCount(account, "latest"), 5n)
    }),
  )

  it.live("sends a transaction once, whether it arrives or not", () =>
    Effect.gen(function* () {
      const { rpc, seen } = yield* chain7(raw(503))
      yield* failure(once(rpc))
      assert.strictEqual(seen.length, 2)
    }),
  )

  const troubles: ReadonlyArray<readonly [string, Answer, RegExp]> = [
    ["HTTP 429", raw(429), /HTTP 429/],
    ["HTTP 500", raw(500, "<html>"), /HTTP 500/],
    ["a page instead of JSON", raw(200, "<html>"), /not JSON-RPC/],
    ["nothing", raw(200), /not JSON-RPC/],
    ["JSON that is no answer", raw(200, `{"hello":1}`), /not JSON-RPC/],
    [
      "the answer to another question",
      raw(200, `{"jsonrpc":"2.0","id":999,"result":"0x1"}`),
      /not answered as it should be/,
    ],
    ["an answer of the wrong kind", () => ({ result: { a: 1 } }), /cannot be read/],
    ["no result", () => ({}), /cannot be read/],
    ["a broken connection", breaks, /connection lost/],
    ["silence", () => handled, /no answer in time/],
  ]
  it.live.each(troubles)("a node that gives %s cannot be reached, for now", ([_name, answer, words]) =>
    Effect.gen(function* () {
      const { rpc, host } = yield* chain7(answer, { timeout: "300 millis" })
      const error = yield* failure(once(rpc))
      assert.strictEqual(error.reason._tag, "Unreachable")
      assert.isTrue(error.isRetryable)
      assert.match(error.message, words)
      assert.include(error.message, host)
    }),
  )

  it.live("a node that refuses batches says why", () =>
    Effect.gen(function* () {
      const body = `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not allowed"}}`
      const { rpc } = yield* chain7(raw(200, body))
      const both = Effect.all([once(rpc), once(rpc)], { concurrency: "unbounded" })
      assert.deepInclude(yield* Effect.flip(both), { _tag: "NodeRefusal", detail: "batches are not allowed" })
    }),
  )

  it.live("a node that wants other credentials, or lacks a method, is a mistake of ours", () =>
    Effect.gen(function* () {
      for (const code of [401, 403]) {
        const { rpc } = yield* chain7(raw(code))
        const error = yield* failure(rpc.code(account))
        assert.isFalse(error.isRetryable)
        assert.include(error.message, `(HTTP ${code}); check the credentials in its URL.`)
      }
      const { rpc } = yield* chain7(() => ({ error: { code: -32601, message: "the method does not exist" } }))
      const error = yield* failure(rpc.code(account))
      assert.isFalse(error.isRetryable)
      assert.include(error.message, "does not offer eth_getCode")
    }),
  )

  it.live("a revert is told from a node's own errors, in the ways in which nodes say it", () =>
    Effect.gen(function* () {
      const answers = [
        { code: 3, message: "execution reverted: No", data: "0x08c379a0" },
        { code: -32015, message: "VM execution error.", data: "Reverted 0x08c379a0" },
        { code: -32603, message: "Error: VM Exception", data: { message: "No", data: "0x08c379a0" } },
      ]
      for (const error of answers) {
        const { rpc } = yield* chain7(() => ({ error }))
        const reverted = yield* Effect.flip(rpc.call(call, "latest"))
        assert.instanceOf(reverted, CallReverted)
        assert.strictEqual(reverted.data, "0x08c379a0")
      }
      const silent = yield* chain7(() => ({ error: { code: -32000, message: "execution reverted" } }))
      const reverted = yield* Effect.flip(silent.rpc.estimateGas(call))
      assert.deepInclude(reverted, { _tag: "CallReverted", data: "0x" })
      const lost = yield* chain7(() => ({ error: { code: -32000, message: "header not found" } }))
      const error = yield* failure(lost.rpc.call(call, "latest"))
      assert.isTrue(error.isRetryable)
      assert.include(error.message, "header not found")
    }),
  )

  it.live("refused logs and transactions keep the node's own words", () =>
    Effect.gen(function* () {
      const { rpc } = yield* chain7(() => ({ error: { code: -32005, message: "more than 10000 results" } }))
      for (const asked of [rpc.logs({ address: account, blockHash: hash }), rpc.broadcast("0x")]) {
        const refusal = yield* Effect.flip(asked)
        assert.instanceOf(refusal, NodeRefusal)
        assert.strictEqual(refusal.detail, "more than 10000 results")
      }
    }),
  )

  it.live("offers the tip of the day and twice the base fee, or the gas price where there is none", () =>
    Effect.gen(function* () {
      const { baseFeePerGas: _, ...oldBlock } = block
      const fees = (latest: object, tip: object) =>
        Effect.flatMap(
          chain7(({ method }) =>
            method === "eth_getBlockByNumber"
              ? { result: latest }
              : method === "eth_gasPrice"
                ? { result: "0x9" }
                : tip,
          ),
          ({ rpc }) => rpc.fees,
        )
      assert.deepStrictEqual(yield* fees(block, { result: "0x3" }), { maxFeePerGas: 17n, maxPriorityFeePerGas: 3n })
      assert.deepStrictEqual(yield* fees(block, { error: { code: -32601, message: "unknown method" } }), {
        maxFeePerGas: 1_000_000_014n,
        maxPriorityFeePerGas: 1_000_000_000n,
      })
      assert.deepStrictEqual(yield* fees(oldBlock, { result: "0x3" }), { gasPrice: 9n })
    }),
  )

  it.live("what the node does not have is none", () =>
    Effect.gen(function* () {
      const { rpc } = yield* chain7(() => ({ result: null }))
      assert.isTrue(Option.isNone(yield* rpc.block(5n)))
      assert.isTrue(Option.isNone(yield* rpc.receipt(hash)))
      assert.isFalse(yield* rpc.knows(hash))
    }),
  )
})

describe("ChainRpc.layer", () => {
  it.live("fails when nothing listens at the URL", () =>
    Effect.gen(function* () {
      const url = yield* deadUrl
      const error = yield* failure(Effect.scoped(connect({ url })))
      assert.strictEqual(
        error.message,
        `The chain at ${url} does not answer (connection refused); check that its node runs and that the URL is right.`,
      )
    }),
  )

  it.live("fails when what listens there says nothing", () =>
    Effect.gen(function* () {
      const { url } = yield* httpNode(() => handled)
      assert.include((yield* failure(connect({ url, timeout: "1 hour" }))).message, "no answer in time")
    }),
  )

  it.live("fails when the chain is another one than expected", () =>
    Effect.gen(function* () {
      const { url } = yield* httpNode(() => ({ result: "0x7" }))
      assert.strictEqual(
        (yield* failure(connect({ url, chainId: 1n }))).message,
        `The chain at ${url} has the id 7, not 1; correct the URL or the chain id.`,
      )
      assert.strictEqual((yield* connect({ url, chainId: 7n })).chainId, 7n)
    }),
  )

  it.live("fails when the URL is none, or not one of HTTP", () =>
    Effect.gen(function* () {
      const nonsense = yield* failure(connect({ url: "localhost" }))
      assert.include(nonsense.message, "write something like http://127.0.0.1:8545")
      const socket = yield* failure(connect({ url: "wss://secret@node.example/key" }))
      assert.strictEqual(socket.message, "The chain is read over http or https, not over wss; name its HTTP URL.")
    }),
  )

  it.live("uses the credentials in the URL, and shows them to nobody", () =>
    Effect.gen(function* () {
      const { url, seen, host } = yield* httpNode((_call, request) =>
        request.count > 1 ? raw(500)(_call, request) : { result: "0x7" },
      )
      const secret = `${url.replace("//", "//alice:s%40cret@")}/v3/apikey?token=t0ken`
      const rpc = yield* connect({ url: secret })
      assert.strictEqual(seen[0]?.headers.authorization, `Basic ${Buffer.from("alice:s@cret").toString("base64")}`)
      assert.strictEqual(rpc.url, `http://${host}/...`)
      const error = yield* failure(once(rpc))
      const shown = `${error.stack} ${JSON.stringify(error)} ${String(error)}`
      for (const part of ["alice", "cret", "apikey", "t0ken"]) assert.notInclude(shown, part)
      const wrong = yield* failure(connect({ url: secret, chainId: 1n }))
      for (const part of ["alice", "cret", "apikey", "t0ken"]) assert.notInclude(wrong.message, part)
    }),
  )
})
