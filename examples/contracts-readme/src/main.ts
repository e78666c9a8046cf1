import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"
import { makeCast } from "./Chain.ts"
import { flow } from "./Flow.ts"

makeCast().pipe(
  Effect.flatMap(flow),
  Effect.scoped,
  Effect.provide(Devnet.layer()),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain,
)
