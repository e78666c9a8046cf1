import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"
import { makeCast } from "../src/Chain.ts"
import { flow } from "../src/Flow.ts"

describe("the example", () => {
  it.live(
    "reimburses the client to the token, and pays the host what it offered",
    () =>
      Effect.gen(function* () {
        const balances = yield* Effect.flatMap(makeCast(), flow)
        assert.deepStrictEqual(balances, { client: 700n, host: 1_300n, reimbursed: 200n })
      }).pipe(Effect.scoped, Effect.provide(Devnet.layer()), Effect.provide(NodeServices.layer)),
    60_000,
  )
})
