import { Api } from "@pecia/api"
import { Console, Effect, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"

export const program = Effect.gen(function* () {
  const node = yield* HttpApiClient.make(Api, { baseUrl: "http://127.0.0.1:8080" })
  const cid = yield* node.upload({
    payload: Stream.make(new TextEncoder().encode("a sheet of parchment")),
    headers: { "content-disposition": 'attachment; filename="sheet.txt"' },
  })
  yield* node.requestStorage({
    params: { cid },
    payload: { duration: 3_600n, expiry: 600n, pricePerBytePerSecond: 1n, proofProbability: 10n, nodes: 3n },
  })
}).pipe(
  Effect.catchTag("Unprocessable", ({ message }) => Console.error(message)), // 422, in one sentence
  Effect.provide(FetchHttpClient.layer),
)
