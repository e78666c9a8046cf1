import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { TestConsole } from "effect/testing"
import { layerChain, makeClient, makeHost, settle, terms } from "./bed.ts"
import { program } from "./readme-example.ts"
import { layerKnownHosts } from "./readme-strategy.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.effect("the README's examples are this code, and the first one runs", () =>
  Effect.gen(function* () {
    const fences = Array.from(read("../README.md").matchAll(/```ts\n(.*?)```/gs), ([, code]) => code)
    assert.deepStrictEqual(fences, [read("readme-example.ts"), read("readme-strategy.ts")])
    yield* Effect.provide(program, Logger.layer([]))
    const sentence = "No offer was selected before the request expired; everything was paid back."
    assert.deepStrictEqual(yield* TestConsole.logLines, ["Unsold", sentence])
  }),
)

it.effect("the README's strategy takes offers of known hosts only", () =>
  Effect.gen(function* () {
    const [stranger, known] = yield* Effect.all([makeHost, makeHost])
    const client = yield* makeClient({ strategy: layerKnownHosts(new Set([known.account])) })
    const { auctions, name, reaches } = yield* client.run()
    const [{ id }] = yield* auctions.open([terms()])
    yield* settle
    yield* stranger.offer(id, 1n)
    assert.strictEqual(yield* name(id), "open")
    yield* known.offer(id, 2n)
    yield* reaches(id, "selected")
  }).pipe(Effect.provide(layerChain)),
)
