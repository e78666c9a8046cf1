import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { Effect, FileSystem, Option, Schema, Stream } from "effect"

export class FileUnusable extends Schema.TaggedError<FileUnusable>()("FileUnusable", { message: Schema.String }) {}

/** A file to be stored. */
export interface DemoFile {
  readonly path: string
  readonly bytes: number
}

const madeBytes = 5 * 2 ** 20 + 12_345

/** The file that the user named, or a new one of some 5 MiB that nobody has seen before; that one goes with the scope. */
export const openDemoFile = Effect.fnUntraced(function* (named: Option.Option<string>) {
  const fs = yield* FileSystem.FileSystem
  if (Option.isNone(named)) {
    const path = join(yield* fs.makeTempDirectoryScoped({ prefix: "pecia-demo-" }), "file")
    yield* Stream.run(Stream.fromEffect(Effect.sync(() => randomBytes(madeBytes))), fs.sink(path))
    return { path, bytes: madeBytes } satisfies DemoFile
  }
  const path = named.value
  const unreadable = new FileUnusable({ message: `${path} cannot be read; check the path and its permissions.` })
  const { type, size } = yield* Effect.mapError(fs.stat(path), () => unreadable)
  if (type !== "File") return yield* new FileUnusable({ message: `${path} is not a file.` })
  yield* Effect.mapError(fs.access(path, { readable: true }), () => unreadable)
  return { path, bytes: Number(size) } satisfies DemoFile
})
