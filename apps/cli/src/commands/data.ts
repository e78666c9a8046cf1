import { basename } from "node:path"
import { Console, Effect, FileSystem, Option, Stdio, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CommandFailed, withNode } from "../NodeClient.ts"
import { print, table } from "../Output.ts"
import { pecia } from "../root.ts"

const cid = Argument.String("cid").pipe(Argument.withDescription("CID of a dataset"))

export const upload = Command.make(
  "upload",
  { file: Argument.String("file").pipe(Argument.withDescription("The file to store")) },
  Effect.fn(function* ({ file }) {
    const { api } = yield* pecia
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.mapError(
      fs.stat(file),
      () => new CommandFailed({ message: `${file} cannot be read; check the path and its permissions.` }),
    )
    if (info.type !== "File") return yield* new CommandFailed({ message: `${file} is not a file.` })
    const cid = yield* withNode(api, (node) =>
      node.upload({
        payload: fs.stream(file),
        headers: { "content-disposition": `attachment; filename="${encodeURIComponent(basename(file))}"` },
      }),
    )
    yield* print({ cid, bytes: info.size }, [cid])
  }),
).pipe(Command.withDescription("Store a file at the node and print its CID"))

export const download = Command.make(
  "download",
  {
    cid,
    output: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withDescription("Write to this file instead of standard output"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ cid, output }) {
    const { api } = yield* pecia
    const fs = yield* FileSystem.FileSystem
    const stdio = yield* Stdio.Stdio
    const sink = Option.match(output, {
      onNone: () => stdio.stdout({ endOnDone: false }),
      onSome: (file) => fs.sink(file),
    })
    yield* withNode(api, (node) =>
      Effect.flatMap(node.streamData({ params: { cid } }), (bytes) => Stream.run(bytes, sink)),
    )
    if (Option.isSome(output)) yield* Console.error(`${cid} is in ${output.value}.`)
  }),
).pipe(Command.withDescription("Fetch a dataset, from this node or from those that store it"))

export const files = Command.make(
  "files",
  {},
  Effect.fn(function* () {
    const { api } = yield* pecia
    const { content } = yield* withNode(api, (node) => node.listData())
    yield* print(
      content,
      table(
        ["CID", "BYTES", "NAME"],
        content.map(({ cid, manifest }) => [cid, `${manifest.datasetSize}`, manifest.filename ?? ""]),
      ),
    )
  }),
).pipe(Command.withDescription("List the datasets at the node"))

export const remove = Command.make(
  "delete",
  { cid },
  Effect.fn(function* ({ cid }) {
    const { api } = yield* pecia
    yield* withNode(api, (node) => node.deleteData({ params: { cid } }))
    yield* print({ cid }, [`${cid} is not at this node any more.`])
  }),
).pipe(Command.withDescription("Delete a dataset at the node; slots that hosts store stay"))
