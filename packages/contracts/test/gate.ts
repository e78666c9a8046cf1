import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { Effect } from "effect"

/** A server that hands requests on to a node, save those with `refused` in them, and writes down who logged in. */
export const gateTo = (node: string, refused: string) =>
  Effect.gen(function* () {
    const logins = new Set<string | undefined>()
    const server = createServer(async (request, response) => {
      logins.add(request.headers.authorization)
      const body = await text(request)
      if (body.includes(refused)) return void response.writeHead(403).end()
      const answer = await fetch(node, { method: "POST", headers: { "content-type": "application/json" }, body })
      response.end(await answer.text())
    })
    const listening = Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(typeof address === "object" && address !== null ? Effect.succeed(address.port) : Effect.die("no port"))
      })
    })
    const port = yield* Effect.acquireRelease(listening, () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
    )
    return { url: `http://127.0.0.1:${port}`, logins }
  })
