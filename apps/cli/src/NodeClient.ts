import { Api, type ApiError } from "@pecia/api"
import { Context, Effect, Layer, Schema } from "effect"
import { CliError } from "effect/cli"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"

/** What went wrong, in one sentence; printed by the command line, which then exits with 1. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", { message: Schema.String }) {
  override readonly [CliError.userMessage] = this.message
}

/** The REST interface of the node that the command line talks to. */
export class NodeClient extends Context.Service<NodeClient, HttpApiClient.ForApi<typeof Api>>()(
  "@pecia/cli/NodeClient",
) {
  static readonly layer = (url: string) =>
    Layer.effect(
      NodeClient,
      HttpApiClient.make(Api, { transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(url)) }),
    ).pipe(Layer.provide(FetchHttpClient.layer))
}

const isApiError = (error: { readonly _tag: string }): error is ApiError =>
  ["BadRequest", "NotFound", "Conflict", "Unprocessable", "Internal", "Unavailable"].includes(error._tag)

/** Says what a failed call means to the person who made it. */
export const explain = (url: string) => (error: { readonly _tag: string; readonly message: string }) => {
  if (isApiError(error) || error._tag === "CommandFailed") return new CommandFailed({ message: error.message })
  if (!URL.canParse(url))
    return new CommandFailed({ message: `${url} is not a URL; one looks like http://127.0.0.1:8080.` })
  if (error instanceof HttpClientError.HttpClientError && error.reason._tag === "TransportError")
    return new CommandFailed({
      message: `No Pecia node answers at ${url}; start peciad, or name another one with --api.`,
    })
  return new CommandFailed({
    message: `What answers at ${url} is no Pecia node of this version; name another one with --api.`,
  })
}

/** Runs a call to the node at `url`. */
export const withNode = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  url: string,
  call: (client: NodeClient["Service"]) => Effect.Effect<A, E, R>,
) => Effect.flatMap(NodeClient, call).pipe(Effect.provide(NodeClient.layer(url)), Effect.mapError(explain(url)))
