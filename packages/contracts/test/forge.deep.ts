import { Effect } from "effect"
import { runForge } from "./Forge.ts"
import { forgeSuite } from "./forgeSuite.ts"

const report = await Effect.runPromise(runForge("deep"))
console.info(report.tally)

forgeSuite(report, { slots: 1_000_000, offers: 1_000_000 })
