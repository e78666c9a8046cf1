import { Effect, Layer } from "effect"
import { FetchHttpClient, HttpEffect, HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiClient } from "effect/http-api"
import { type ApiError, type PurchaseTerms, Sentences, StorageGroup } from "../src/index.ts"

/** The purchases' part of the interface, behind whatever answers. */
const Purchases = HttpApi.make("purchases").add(StorageGroup).middleware(Sentences)

export interface Answers {
  readonly requestStorage?: (cid: string, terms: PurchaseTerms) => Effect.Effect<string, ApiError>
  readonly purchaseIds?: Effect.Effect<ReadonlyArray<never>, ApiError>
}

const unanswered = Effect.die("not asked in this test")

/** Serves it without a socket. */
export const serve = Effect.fnUntraced(function* ({
  requestStorage = () => unanswered,
  purchaseIds = unanswered,
}: Answers) {
  const handlers = HttpApiBuilder.group(Purchases, "storage", (handlers) =>
    handlers.handleAll({
      requestStorage: ({ params, payload }) => requestStorage(params.cid, payload),
      purchaseIds: () => purchaseIds,
      purchase: () => unanswered,
    }),
  )
  const routes = HttpApiBuilder.layer(Purchases).pipe(
    Layer.provide(handlers),
    Layer.provide(Sentences.layer),
    Layer.provide(HttpServer.layerServices),
  )
  const respond = HttpEffect.toWebHandler(yield* HttpRouter.toHttpEffect(routes))
  const fetch: typeof globalThis.fetch = (input, init) => respond(new Request(input, init))
  const client = yield* HttpApiClient.make(Purchases, { baseUrl: "http://node.test" }).pipe(
    Effect.provide(FetchHttpClient.layer),
    Effect.provideService(FetchHttpClient.Fetch, fetch),
  )
  const send = (path: string, init?: RequestInit) =>
    Effect.promise(async () => {
      const response = await fetch(`http://node.test${path}`, init)
      return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
    })
  return { client, send }
})
