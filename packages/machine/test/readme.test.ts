import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { program } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.effect("the README's example is this code, and it runs", () =>
  Effect.gen(function* () {
    assert.strictEqual(/```ts\n(.*?)```/s.exec(read("../README.md"))?.[1], read("readme-example.ts"))
    const running = yield* Effect.forkChild(program, { startImmediately: true })
    yield* TestClock.adjust("4 seconds")
    assert.strictEqual(yield* Fiber.join(running), "full")
    assert.deepStrictEqual(yield* TestConsole.logLines, ["the tank is filling", "the pump stops", "the tank is full"])
  }),
)
