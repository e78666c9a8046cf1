import { Effect } from "effect"
import { runForge } from "./Forge.ts"
import { forgeSuite } from "./forgeSuite.ts"

const report = await Effect.runPromise(runForge("deep"))
console.info(report.tally)

forgeSuite(report, { calls: 1_000_000 })
