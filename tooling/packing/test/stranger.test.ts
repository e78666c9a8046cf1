import { assert, describe, it } from "vitest"
import { example, once, project, run, tsconfig, typecheck } from "./Tarballs.ts"

const folder = once(() =>
  project(["@pecia/contracts-abi", "@pecia/clock", "@pecia/market"], ["effect", "vitest", "@effect/vitest"], {
    "tsconfig.json": tsconfig(false),
    "abi.ts": example("@pecia/contracts-abi"),
    "clock.ts": example("@pecia/clock"),
    "market.ts": example("@pecia/market"),
    "main.ts": `
      import { Effect } from "effect"
      import { TestClock } from "effect/testing"
      import * as abi from "./abi.ts"
      import * as clock from "./clock.ts"
      import * as market from "./market.ts"
      const programs = Effect.all([abi.program, clock.program, market.program], { discard: true })
      await Effect.runPromise(Effect.provide(programs, TestClock.layer()))`,
    "wrong.ts": `
      import { StorageAsk } from "@pecia/contracts-abi"
      import { Market } from "@pecia/market"
      import { Effect } from "effect"
      // @ts-expect-error a price is a bigint
      export const price = (ask: StorageAsk): number => StorageAsk.price(ask)
      // @ts-expect-error an id is no number
      export const write = Market.use((market) => market.withdrawFunds(7))
      // @ts-expect-error a market has to be provided
      export const program: Effect.Effect<void, unknown> = Market.use((market) => market.withdraw)`,
    "suites.test.ts": `
      import { ChainClock, TestChain } from "@pecia/clock"
      import { ClockTest } from "@pecia/clock/testing"
      import { MarketBed, MarketTest } from "@pecia/market/testing"
      ClockTest.suite("a clock", ChainClock.layerTest(), (to) => TestChain.use(({ advanceTo }) => advanceTo(to)))
      MarketTest.suite("a market", MarketBed.layerMemory())`,
  }),
)

describe("an empty project that installs contracts-abi, clock and market from their tarballs", () => {
  it("runs what their READMEs show", () => {
    const [slot, ...others] = run("node", ["main.ts"], folder()).trim().split("\n")
    assert.match(slot ?? "", /^slot 0 of 0x[0-9a-f]{64} is 0x[0-9a-f]{64}; all cost 21600$/)
    assert.deepStrictEqual(others, [
      "refunded at 1012",
      ...["no slot 1", "StorageRequested", "ProofSubmitted", "SlotFilled", "RequestFulfilled"],
    ])
  })

  it("has their types, which find mistakes", () => {
    typecheck(folder())
  })

  it("finds nothing internal", () => {
    for (const path of ["@pecia/clock/internal/Timekeeper", "@pecia/clock/dist/index.js"]) {
      const code = `import("${path}").catch(({ code }) => console.log(code))`
      assert.strictEqual(run("node", ["--eval", code], folder()), "ERR_PACKAGE_PATH_NOT_EXPORTED\n")
    }
  })

  it("can hold implementations against the suites of their interfaces", () => {
    assert.match(run("node_modules/.bin/vitest", ["run"], folder()), /Tests +\d{2,} passed/)
  })
})
