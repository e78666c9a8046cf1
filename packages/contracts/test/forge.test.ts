import { Effect } from "effect"
import { runForge } from "./Forge.ts"
import { forgeSuite } from "./forgeSuite.ts"

// it is known only after the run which tests there are
forgeSuite(await Effect.runPromise(runForge("default")), { slots: 2 * 64 * 64, offers: 2 * 64 * 64 })
