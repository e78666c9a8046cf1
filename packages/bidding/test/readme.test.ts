import { readFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { BidMachine } from "../src/index.ts"
import { program } from "./readme-example.ts"
import { facts, states } from "./samples.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const fence = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(read("../README.md"))?.[1]

it.effect("the README's example is this code, and it runs", () =>
  Effect.gen(function* () {
    assert.strictEqual(fence("ts"), read("readme-example.ts"))
    yield* program
    assert.deepStrictEqual(yield* TestConsole.logLines, ["0 bids, 0 contracts"])
  }),
)

it("the README's diagram is what the works of the machine lead to", () => {
  const arrows = states.flatMap((state) =>
    facts.flatMap((fact) => {
      const next = BidMachine.decide(state, fact)
      const ofAWork = fact._tag !== "ChainSays" && fact._tag !== "Found"
      return ofAWork && next !== state ? [`  ${state._tag} --> ${next._tag}: ${fact._tag}`] : []
    }),
  )
  assert.strictEqual(fence("mermaid"), ["stateDiagram-v2", ...new Set(arrows), ""].join("\n"))
})
