import { NodeFileSystem } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"

/** A directory that goes with the scope. */
export const temporaryDirectory = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "pecia-datasets-" }),
).pipe(Effect.orDie, Effect.provide(NodeFileSystem.layer))
