import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect } from "effect"

export interface Call {
  readonly id: number
  readonly method: string
  readonly params: ReadonlyArray<unknown>
}

/** How a test has the node answer: with a result or an error (or a promise of them) per call, or with anything at all. */
export type Answer = (
  call: Call,
  request: { readonly count: number; readonly message: IncomingMessage; readonly response: ServerResponse },
) => unknown

/** For an `Answer` that has dealt with the response itself. */
export const handled = Symbol("handled")

const bodyOf = async (message: IncomingMessage) => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** An HTTP server on a free port that speaks JSON-RPC as the test tells it, until the scope ends. */
export const httpNode = Effect.fnUntraced(function* (answer: Answer) {
  const seen: Array<{ readonly methods: ReadonlyArray<string>; readonly headers: IncomingMessage["headers"] }> = []
  const server = createServer(async (message, response) => {
    const body: Call | Array<Call> = JSON.parse(await bodyOf(message))
    const calls = Array.isArray(body) ? body : [body]
    const count = seen.push({ methods: calls.map(({ method }) => method), headers: message.headers })
    const json: Array<object> = []
    for (const call of calls) {
      const given = await answer(call, { count, message, response })
      if (given === handled) return
      json.push({ jsonrpc: "2.0", id: call.id, ...Object(given) })
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify(Array.isArray(body) ? json : json[0]))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, seen }
})

/** What another node answers. */
export const askNode = async (url: string, { method, params }: Omit<Call, "id">): Promise<unknown> => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })
  const { id: _, ...given } = Object(await response.json())
  return given
}

/** Of a port on which nothing listens. */
export const deadUrl = Effect.scoped(
  Effect.map(
    httpNode(() => handled),
    ({ url }) => url,
  ),
)
