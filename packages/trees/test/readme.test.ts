import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { program } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.effect("the README's example is this code, and it runs", () =>
  Effect.gen(function* () {
    assert.strictEqual(/```ts\n(.*?)```/s.exec(read("../README.md"))?.[1], read("readme-example.ts"))
    yield* program
    assert.deepStrictEqual(yield* TestConsole.logLines, ["12 nodes lead to the root: true"])
  }),
)
