import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { endOf, folder, startDemo } from "./process.ts"

const Outcome = Schema.fromJsonString(
  Schema.Struct({
    ok: Schema.Boolean,
    file: Schema.Struct({ sha256: Schema.String }),
    retrievedSha256: Schema.String,
    slots: Schema.Array(
      Schema.Struct({ state: Schema.String, host: Schema.String, maxPrice: Schema.String, price: Schema.String }),
    ),
    proofsSubmitted: Schema.Int,
    reimbursed: Schema.String,
  }),
)

it.live(
  "the demo of offers trades each slot of a named file by auction, prints one JSON object, and leaves no file behind",
  () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      writeFileSync(join(cwd, "letter.txt"), "a codex, hired out in pieces\n")
      const { code, stderr, stdout } = yield* endOf(startDemo(cwd, "--offers", "--json", "--file", "letter.txt"))
      assert.strictEqual(code, 0, stderr)
      const outcome = yield* Schema.decodeUnknownEffect(Outcome)(stdout)
      assert.isTrue(outcome.ok)
      assert.strictEqual(outcome.retrievedSha256, outcome.file.sha256)
      assert.deepStrictEqual(
        outcome.slots.map(({ state }) => state),
        ["Finished", "Finished", "Finished"],
      )
      assert.lengthOf(new Set(outcome.slots.map(({ host }) => host)), 3)
      const back = outcome.slots.reduce((sum, { maxPrice, price }) => sum + BigInt(maxPrice) - BigInt(price), 0n)
      assert.isTrue(back > 0n)
      assert.strictEqual(outcome.reimbursed, `${back}`)
      assert.isAtLeast(outcome.proofsSubmitted, 6)
      assert.deepStrictEqual(readdirSync(cwd), ["letter.txt"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  150_000,
)
