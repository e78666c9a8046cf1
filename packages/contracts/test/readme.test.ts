import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { deployment } from "./readme.example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

describe("the README", () => {
  it("shows an example that runs", () => {
    assert.include(read("../README.md"), `\`\`\`ts\n${read("./readme.example.ts")}\`\`\``)
    assert.match(deployment.marketplace, /^0x[0-9a-f]{40}$/)
  })

  it("names every source, and none that is not there", () => {
    const [, table = ""] = read("../README.md").split("## The sources")
    const named = [...(table.split("\n## ")[0] ?? "").matchAll(/`(\w+\.sol)`/g)].map(([, file]) => String(file))
    assert.sameMembers([...new Set(named)], readdirSync(new URL("../solidity", import.meta.url)))
  })
})
