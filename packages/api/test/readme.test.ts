import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestConsole } from "effect/testing"
import { program } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.effect("the README's example is this code, and it runs", () =>
  Effect.gen(function* () {
    assert.strictEqual(/```ts\n(.*?)```/s.exec(read("../README.md"))?.[1], read("readme-example.ts"))
    const calls: Array<string> = []
    const node: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init)
      calls.push(`${request.method} ${request.url} ${await request.text()}`)
      return calls.length === 1 ? new Response("bafy") : new Response("The account has only 7 tokens.", { status: 422 })
    }
    yield* program.pipe(Effect.provideService(FetchHttpClient.Fetch, node))
    const api = "http://127.0.0.1:8080/api/codex/v1"
    assert.deepStrictEqual(calls, [
      `POST ${api}/data a sheet of parchment`,
      `POST ${api}/storage/request/bafy {"duration":"3600","pricePerBytePerSecond":"1","proofProbability":"10","expiry":"600","nodes":"3"}`,
    ])
    assert.deepStrictEqual(yield* TestConsole.errorLines, ["The account has only 7 tokens."])
  }),
)
