// Does what build.ts does, and measures the gas of the transactions besides.
import { Effect } from "effect"
import { measureGas } from "./gas.ts"
import { generate, snapshotFile, write } from "./generate.ts"
import { gasText } from "./snapshots.ts"

// the artifacts first: the gas is that of what they hold
write(generate())
write([snapshotFile("gas", gasText(await Effect.runPromise(measureGas)))])
