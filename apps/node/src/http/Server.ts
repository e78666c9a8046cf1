import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Api, Sentences } from "@pecia/api"
import { Effect, Layer, Schema, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { auctionsHandlers } from "./auctions.ts"
import { bidsHandlers } from "./bids.ts"
import { dataHandlers } from "./data.ts"
import { nodeHandlers } from "./node.ts"
import { salesHandlers } from "./sales.ts"
import { storageHandlers } from "./storage.ts"

/** The REST interface could not be opened. */
export class PortUnusable extends Schema.TaggedError<PortUnusable>()("PortUnusable", {
  port: Schema.Int,
  detail: Schema.String,
}) {
  override get message() {
    return `REST cannot listen on port ${this.port} of 127.0.0.1 (${this.detail}); choose another with --api-port.`
  }
}

const noSuchRoute = ({ method, url }: HttpServerRequest.HttpServerRequest) =>
  Effect.succeed(
    HttpServerResponse.text(`There is no ${method} ${url.slice(0, 80)} here; /openapi.json lists what there is.`, {
      status: 404,
    }),
  )

const layerUnknownRoutes = HttpRouter.middleware(
  Effect.catch(
    (error: Types.unhandled): Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled> =>
      HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"
        ? noSuchRoute(error.request)
        : Effect.fail(error),
  ),
  { global: true },
)

/** Names of this machine for itself. A page of another site that had its own name resolve to this machine comes under that name. */
const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i

/** A browser says which page sends a request; this node's account is not for pages of other sites. */
const isForeign = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  (headers.host !== undefined && !ownHost.test(headers.host)) ||
  (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)

const layerOwnPages = HttpRouter.middleware(
  (answer) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      isForeign(request)
        ? Effect.succeed(
            HttpServerResponse.text(
              "Only programs and pages of this machine may use this node; call it as 127.0.0.1.",
              {
                status: 403,
              },
            ),
          )
        : answer,
    ),
  { global: true },
)

/** The routes, on the services of the node's data plane, and of the roles that it plays. */
export const layerRoutes = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([auctionsHandlers, bidsHandlers, dataHandlers, nodeHandlers, salesHandlers, storageHandlers]),
  Layer.provide(Sentences.layer),
  Layer.merge(layerUnknownRoutes),
  Layer.merge(layerOwnPages),
)

/** An HTTP server on the loopback interface; port 0 for any free one. */
export const layerServer = (port: number) =>
  Layer.effectContext(
    Layer.build(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" })).pipe(
      Effect.mapError(
        ({ cause }) => new PortUnusable({ port, detail: cause instanceof Error ? cause.message : String(cause) }),
      ),
    ),
  )
