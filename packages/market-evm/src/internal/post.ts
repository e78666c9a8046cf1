import { ChainError, Misconfigured, Unreachable } from "@pecia/market"
import { type Duration, Effect, Schema } from "effect"
import type { Endpoint } from "./endpoint.ts"

/** One JSON-RPC answer. */
const Answer = Schema.Struct({
  id: Schema.NullOr(Schema.Number),
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({ code: Schema.Number, message: Schema.String, data: Schema.optionalKey(Schema.Unknown) }),
    ),
  ),
})
export type Answer = typeof Answer.Type

const decodeAnswers = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.ArrayEnsure(Answer)))

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection lost",
  UND_ERR_SOCKET: "connection lost",
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "unknown host",
}

/** What a failed `fetch` means; its own message is always "fetch failed". */
const describe = (failure: unknown) => {
  const cause: unknown = failure instanceof Error ? (failure.cause ?? failure) : failure
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  return sentences[code] ?? (code !== "" ? code : cause instanceof Error ? cause.message : "connection failed")
}

/** Posts a JSON-RPC request, or a batch of them, and reads the answers. */
export const postTo = ({ url, headers, shown }: Endpoint, timeout: Duration.Input) => {
  const unreachable = (detail: string) => new ChainError({ reason: new Unreachable({ url: shown, detail }) })
  const refused = (status: number) =>
    new ChainError({
      reason: new Misconfigured({
        detail: `The chain at ${shown} refuses us (HTTP ${status}); check the credentials in its URL.`,
      }),
    })
  return Effect.fnUntraced(
    function* (body: string): Effect.fn.Return<ReadonlyArray<Answer>, ChainError> {
      const { status, text } = yield* Effect.tryPromise({
        try: async (signal) => {
          const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body, signal }
          const response = await fetch(url, init)
          return { status: response.status, text: await response.text() }
        },
        catch: (failure) => unreachable(describe(failure)),
      })
      if (status === 401 || status === 403) return yield* refused(status)
      if (status < 200 || status > 299) return yield* unreachable(`HTTP ${status}`)
      return yield* Effect.mapError(decodeAnswers(text), () => unreachable("what it says is not JSON-RPC"))
    },
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(unreachable("no answer in time")) }),
  )
}
