import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { MemoryNode } from "../MemoryNode.ts"
import { inWorld } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

/** Header values are bytes; a string of them has one character for each. */
const utf8 = (text: string) => Buffer.from(text).toString("latin1")

const uploadCall = (headers: Record<string, string>) => ({
  method: "POST",
  path: "/data",
  body: new Uint8Array([1, 2, 3]),
  headers,
})

const manifestOf = Effect.fnUntraced(function* (node: MemoryNode, headers: Record<string, string>) {
  const { status, text: cid } = yield* ask(node, uploadCall(headers))
  assert.strictEqual(status, 200, cid)
  const { text } = yield* ask(node, { path: `/data/${cid}/network/manifest` })
  const { manifest }: { manifest: { filename: string | null; mimetype: string | null } } = JSON.parse(text)
  return { cid, filename: manifest.filename, mimetype: manifest.mimetype }
})

describe("the name of a file", () => {
  it.effect.each<[disposition: string, filename: string | null]>([
    ['attachment; filename="report.pdf"', "report.pdf"],
    ["attachment; filename=report.pdf", "report.pdf"],
    ["ATTACHMENT; FILENAME=report.pdf; size=3", "report.pdf"],
    ['attachment; filename="two words.txt"', "two words.txt"],
    ['attachment; filename="100%25 sure;.txt"', "100%25 sure;.txt"],
    ['attachment; filename="say \\"hi\\".txt"', 'say "hi".txt'],
    // What clients send that escape nothing.
    ['attachment; filename="say "hi".txt"', 'say "hi".txt'],
    [`attachment; filename="${utf8("žluťoučký 🐎.txt")}"`, "žluťoučký 🐎.txt"],
    // No UTF-8: what browsers send for characters that Latin-1 has.
    ['attachment; filename="caf\u00e9.txt"', "café.txt"],
    ["attachment; filename*=UTF-8''%e2%82%ac%20rates.csv", "€ rates.csv"],
    ["attachment; filename=\"rates.csv\"; filename*=utf-8'en'%E2%82%AC.csv", "€.csv"],
    ["attachment; filename*=UTF-8''%E2%82%AC.csv; filename=\"rates.csv\"", "€.csv"],
    ['attachment; filename=""', null],
    ["attachment", null],
    ["inline", null],
  ])("is read from %s", ([disposition, filename]) =>
    Effect.gen(function* () {
      const found = yield* manifestOf(yield* newNode([]), { "content-disposition": disposition })
      assert.strictEqual(found.filename, filename)
    }).pipe(inWorld),
  )

  it.effect.each([
    'attachment; filename="../../etc/passwd"',
    'attachment; filename="a\\\\b"',
    "attachment; filename=..",
    "attachment; filename*=UTF-8''%2e%2e%2fx",
    "attachment; filename*=UTF-8''a%0d%0aSet-Cookie:%20b",
    "attachment; filename*=UTF-8''%00",
    "attachment; filename*=UTF-8''%ff",
    "attachment; filename*=UTF-8''%zz",
    "attachment; filename*=iso-8859-1''%e9",
    'attachment; filename="unfinished',
    `attachment; filename="${"x".repeat(1_025)}"`,
  ])("is refused in %s", (disposition) =>
    Effect.gen(function* () {
      const call = uploadCall({ "content-disposition": disposition })
      yield* refuses(yield* newNode([]), call, 422, /^The filename is not valid\. It takes 1 to 1024 characters/)
    }).pipe(inWorld),
  )

  const Name = Schema.String.check(
    Schema.isBetweenLength(1, 60),
    Schema.isPattern(/^[^\p{Cc}\p{Cs}/\\]+$/u),
    Schema.makeFilter((name) => name !== "." && name !== ".."),
  )
  it.effect.prop(
    "any name comes back as the same name, in headers that no name can break",
    [Name],
    ([name]) =>
      Effect.gen(function* () {
        const node = yield* newNode([])
        const sent = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`
        const { cid, filename } = yield* manifestOf(node, { "content-disposition": sent })
        assert.strictEqual(filename, name)
        const { headers } = yield* ask(node, { path: `/data/${cid}` })
        const disposition = headers.get("content-disposition") ?? ""
        assert.match(
          disposition,
          /^attachment; filename="[\x20-\x21\x23-\x7e]*"; filename\*=UTF-8''[\w%.~!#$&+^`|{}-]*$/,
        )
        const again = yield* manifestOf(node, { "content-disposition": disposition })
        assert.strictEqual(again.filename, name)
      }).pipe(inWorld),
    { arbitrary: { runs: 50 } },
  )
})

describe("the type of a file", () => {
  it.effect.each<[contentType: string, mimetype: string | null]>([
    ["image/png", "image/png"],
    ["text/html; charset=utf-8", "text/html; charset=utf-8"],
    ["text/plain;charset=UTF-8", "text/plain;charset=UTF-8"],
    ["application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"],
    ["image/svg+xml", "image/svg+xml"],
    ["application/json", "application/json"],
    ["model/3mf", "model/3mf"],
    ["application/octet-stream", null],
    ["Application/Octet-Stream", null],
    ["application/x-www-form-urlencoded", null],
    ["", null],
  ])("is read from %j", ([contentType, mimetype]) =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const found = yield* manifestOf(node, { "content-type": contentType })
      assert.strictEqual(found.mimetype, mimetype)
      const { headers } = yield* ask(node, { path: `/data/${found.cid}` })
      assert.strictEqual(headers.get("content-type"), mimetype ?? "application/octet-stream")
    }).pipe(inWorld),
  )

  it.effect.each([
    "plain/text",
    "png",
    "*/*",
    "image/",
    "/png",
    "image/png, text/html",
    "text/plain\u00e9",
    `text/plain; x=${"x".repeat(255)}`,
  ])("is refused when it is %s", (contentType) =>
    Effect.gen(function* () {
      const sentence = `The MIME type '${contentType.slice(0, 80)}' is not valid.`
      yield* refuses(yield* newNode([]), uploadCall({ "content-type": contentType }), 422, sentence)
    }).pipe(inWorld),
  )

  it.effect("is refused when the file comes in a form, which would be stored with the file", () =>
    Effect.gen(function* () {
      const call = uploadCall({ "content-type": "multipart/form-data; boundary=x" })
      const sentence = "The MIME type 'multipart/form-data; boundary=x' is not valid. Send the file itself as the body."
      yield* refuses(yield* newNode([]), call, 422, sentence)
    }).pipe(inWorld),
  )
})
