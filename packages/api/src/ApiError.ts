import { Schema, SchemaGetter } from "effect"
import { HttpApiSchema } from "effect/http-api"

// An error travels as its status and one sentence of plain text.

const fields = { message: Schema.String }

/** 400: the request cannot be understood. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", fields) {}
/** 404: there is no such thing here. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields) {}
/** 409: the thing is not in a state for that. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", fields) {}
/** 422: understood, but it cannot be done like that. */
export class Unprocessable extends Schema.TaggedError<Unprocessable>()("Unprocessable", fields) {}
/** 500: our fault. */
export class Internal extends Schema.TaggedError<Internal>()("Internal", fields) {}
/** 503: this node does not play that role, or its chain is out of reach. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", fields) {}

const asSentence = <Self extends { readonly message: string }, S extends Schema.Codec<Self, unknown>>(
  self: S,
  status: number,
  make: (message: string) => Self,
) =>
  Schema.String.pipe(
    Schema.decodeTo(Schema.toType(self), {
      decode: SchemaGetter.transform(make),
      encode: SchemaGetter.transform((error: Self) => error.message),
    }),
    HttpApiSchema.asText(),
    HttpApiSchema.status(status),
  )

/** What any endpoint may answer instead of its success. */
export const errors = [
  asSentence(BadRequest, 400, (message) => new BadRequest({ message })),
  asSentence(NotFound, 404, (message) => new NotFound({ message })),
  asSentence(Conflict, 409, (message) => new Conflict({ message })),
  asSentence(Unprocessable, 422, (message) => new Unprocessable({ message })),
  asSentence(Internal, 500, (message) => new Internal({ message })),
  asSentence(Unavailable, 503, (message) => new Unavailable({ message })),
] as const

export type ApiError = BadRequest | NotFound | Conflict | Unprocessable | Internal | Unavailable
