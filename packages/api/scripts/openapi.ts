// Writes openapi.json. With --check it writes nothing, and fails when the file does not say what the interface is.
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { OpenApi } from "effect/http-api"
import { Api } from "../src/index.ts"

const file = new URL("../openapi.json", import.meta.url)
const text = JSON.stringify(OpenApi.fromApi(Api), null, 2)

if (process.argv.includes("--check")) {
  const published: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined
  // Compared as JSON, since the formatter has its own idea of line breaks.
  if (!isDeepStrictEqual(published, JSON.parse(text))) {
    console.error("openapi.json is not what the interface is.")
    console.error('Run "pnpm generate" in packages/api and commit the result.')
    process.exitCode = 1
  }
} else writeFileSync(file, `${text}\n`)
