import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { TestConsole } from "effect/testing"
import { program } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.effect("the README's example is this code, and it runs", () =>
  Effect.gen(function* () {
    assert.strictEqual(/```ts\n(.*?)```/s.exec(read("../README.md"))?.[1], read("readme-example.ts"))
    yield* Effect.provide(program, Logger.layer([]))
    const sentence =
      "The request was not filled before its expiry; its price was paid back, less what its hosts earned."
    assert.deepStrictEqual(yield* TestConsole.logLines, [sentence])
  }),
)
