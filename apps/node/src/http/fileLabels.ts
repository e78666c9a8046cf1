import { Unprocessable } from "@pecia/api"
import { Effect, type Option, Result } from "effect"

// The name and the type of a file, as HTTP headers carry them.

const invalidName = new Unprocessable({
  message: "The filename is not valid. It takes 1 to 1024 characters, and no control characters, / or \\ among them.",
})

const invalidType = (type: string) => {
  const advice = /^multipart\//i.test(type) ? " Send the file itself as the body." : ""
  return new Unprocessable({ message: `The MIME type '${type.slice(0, 80)}' is not valid.${advice}` })
}

/** A label that `Datasets` would not take either. */
export const invalidLabel = ({ label }: { readonly label: "filename" | "mimetype" }, type: string) =>
  label === "filename" ? invalidName : invalidType(type)

/** Headers arrive as Latin-1, but many senders mean UTF-8. */
const textOf = (header: string) =>
  Result.getOrElse(
    Result.try(() => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(header, "latin1"))),
    () => header,
  )

const percentDecoded = (text: string) =>
  Result.getOrElse(
    Result.try(() => decodeURIComponent(text)),
    () => "/",
  )

/** The forms in which a header names a file, the best first. The third is what clients write that escape nothing. */
const forms: ReadonlyArray<readonly [form: RegExp, decode: (value: string) => string]> = [
  [/;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]*)/i, percentDecoded],
  [/;\s*filename\s*=\s*"((?:\\.|[^"\\])*)"\s*(?:;|$)/i, (value) => value.replaceAll(/\\(.)/g, "$1")],
  [/;\s*filename\s*=\s*"(.*)"\s*$/i, (value) => value],
  [/;\s*filename\s*=\s*([^\s;"]+)\s*(?:;|$)/i, (value) => value],
]

const isPlain = (name: string) => !/[/\\]/.test(name) && name !== "." && name !== ".."

/** The file name in a Content-Disposition; none when it is empty or not there. */
export const filenameIn = (disposition = ""): Effect.Effect<Option.Option<string>, Unprocessable> => {
  const header = textOf(disposition)
  for (const [form, decode] of forms) {
    const value = form.exec(header)?.[1]
    if (value === undefined) continue
    const name = decode(value)
    if (name === "") return Effect.succeedNone
    return isPlain(name) ? Effect.succeedSome(name) : Effect.fail(invalidName)
  }
  return /;\s*filename/i.test(header) ? Effect.fail(invalidName) : Effect.succeedNone
}

/** What a file is sent under when its sender knows no type; the last is curl's default. */
const untyped = ["", "application/octet-stream", "application/x-www-form-urlencoded"]
const mediaType =
  /^(?:application|audio|chemical|font|haptics|image|message|model|text|video|x-[\w.+-]+)\/[\w!#$&^.+-]+\s*(?:;.*)?$/i

/** The media type in a Content-Type; none when it says nothing. */
export const mimetypeIn = (contentType = ""): Effect.Effect<Option.Option<string>, Unprocessable> => {
  if (untyped.includes(contentType.toLowerCase())) return Effect.succeedNone
  return mediaType.test(contentType) ? Effect.succeedSome(contentType) : Effect.fail(invalidType(contentType))
}

/** A Content-Disposition that names the file, in characters that no header can be broken with. */
export const dispositionOf = (filename: string): string => {
  const ascii = filename.replaceAll(/[^\x20-\x7e]|["\\%]/gu, "_")
  const encoded = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
