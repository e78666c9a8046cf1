import { it } from "@effect/vitest"
import { surviveKills } from "./crashing.ts"

it.effect(
  "A process that is killed with -9 thirty times has lost nothing acknowledged; the ledger counts what is on disk",
  () => surviveKills(30, "many"),
  // Each life is a process of its own: seconds on a busy machine.
  600_000,
)
