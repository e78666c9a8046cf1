import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { deployment } from "./readme.example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

describe("the README", () => {
  it("shows an example that runs", () => {
    assert.include(read("../README.md"), `\`\`\`ts\n${read("./readme.example.ts")}\`\`\``)
    assert.match(deployment.marketplace, /^0x[0-9a-f]{40}$/)
  })
})
