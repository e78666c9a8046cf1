import { ByteSize, Option, Schema, SchemaGetter } from "effect"

/** A bigint written by a person in a way that `parse` understands. */
const written = (expected: string, parse: (text: string) => Option.Option<bigint>) =>
  Schema.String.pipe(
    Schema.check(Schema.makeFilter((text: string) => Option.isSome(parse(text)) || `"${text}" is not ${expected}`)),
    Schema.decodeTo(Schema.BigInt, {
      decode: SchemaGetter.transform((text: string) => Option.getOrThrow(parse(text))),
      encode: SchemaGetter.transform((value: bigint) => value.toString()),
    }),
  )

/** A number of bytes: 65536, 64KiB, 10GB. */
export const Size = written("a size, such as 65536, 64KiB or 10GB", (text) =>
  /^\d+$/.test(text) ? Option.some(BigInt(text)) : ByteSize.fromString(text),
)

const secondsIn = new Map([
  ["", 1n],
  ["s", 1n],
  ["m", 60n],
  ["h", 3_600n],
  ["d", 86_400n],
  ["w", 604_800n],
])

/** A number of seconds: 3600, 90s, 15m, 12h, 30d, 4w. */
export const Seconds = written("a duration, such as 3600, 90s, 15m, 12h or 30d", (text) => {
  const [, count, unit] = /^(\d{1,15})([smhdw]?)$/.exec(text) ?? []
  const seconds = secondsIn.get(unit ?? "?")
  return count === undefined || seconds === undefined ? Option.none() : Option.some(BigInt(count) * seconds)
})

/** An amount of token base units, or another whole number. */
export const Whole = written("a whole number", (text) =>
  /^\d{1,78}$/.test(text) ? Option.some(BigInt(text)) : Option.none(),
)
