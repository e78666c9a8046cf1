import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestDeployment } from "./AnvilBed.ts"
import { program } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

describe("the README", () => {
  it("shows the example", () => {
    assert.include(read("../README.md"), `\`\`\`ts\n${read("./readme-example.ts")}\`\`\``)
  })

  it.live("shows an example that runs", () =>
    Effect.gen(function* () {
      const { url, marketplace, newKey } = yield* TestDeployment
      assert.strictEqual(yield* program({ url, marketplace, privateKey: yield* newKey(100n) }), 100n)
    }).pipe(Effect.provide(TestDeployment.layer)),
  )
})
