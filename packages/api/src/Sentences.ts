import { ByteSize, Effect, Layer, SchemaIssue, type Types } from "effect"
import { HttpIncomingMessage, HttpServerError } from "effect/http"
import { HttpApiError, HttpApiMiddleware } from "effect/http-api"
import { BadRequest, errors, Internal } from "./ApiError.ts"

/** No JSON that this interface takes comes near it. Uploads are not bound by it. */
const bodySizeMax = ByteSize.mebibytes(1)

const parts = { Params: "path", Headers: "headers", Query: "query", Payload: "body" }
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The part of the request, the place in it, and what is wrong there. */
const refusal = (part: string, issue: SchemaIssue.Issue) => {
  const [first] = issuesOf(issue).issues
  const place = (first?.path ?? []).map(String).join(".")
  const message = (first?.message ?? "unreadable").replaceAll(/\s+/g, " ")
  const flaw = message.charAt(0).toLowerCase() + message.slice(1)
  return new BadRequest({ message: `The ${part} is not right${place === "" ? "" : ` at ${place}`}: ${flaw}.` })
}

const fault = (cause: unknown) =>
  Effect.logError("A request was not answered because of a defect.", cause).pipe(
    Effect.andThen(
      Effect.fail(new Internal({ message: "The node could not answer because of a defect; its log has more." })),
    ),
  )

/** A part of the request, or the answer itself, does not fit its schema. */
const misfit = ({ cause, kind }: HttpApiError.HttpApiSchemaError): Effect.Effect<never, BadRequest | Internal> =>
  kind === "Body" || kind === "ResponseHeaders" ? fault(cause) : Effect.fail(refusal(parts[kind], cause.issue))

const unread = ({ reason }: HttpServerError.HttpServerError) =>
  new BadRequest({
    message:
      reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
        ? `The body is too large; at most ${bodySizeMax} bytes are read.`
        : "The body could not be read to its end.",
  })

const defect = (cause: unknown): Effect.Effect<never, BadRequest | Internal> =>
  HttpServerError.isHttpServerError(cause) ? Effect.fail(unread(cause)) : fault(cause)

/** Sees to it that whatever is wrong with a request, or with us, is answered with one sentence. */
export class Sentences extends HttpApiMiddleware.Service<Sentences>()("@pecia/api/Sentences", { error: errors }) {
  static readonly layer: Layer.Layer<Sentences> = Layer.succeed(Sentences, (answer) =>
    answer.pipe(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, bodySizeMax),
      Effect.catch(
        (error): Effect.Effect<never, BadRequest | Internal | Types.unhandled> =>
          HttpApiError.HttpApiSchemaError.is(error) ? misfit(error) : Effect.fail(error),
      ),
      Effect.catchDefect(defect),
    ),
  )
}
