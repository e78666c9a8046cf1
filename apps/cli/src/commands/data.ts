import { basename } from "node:path"
import { Console, Effect, FileSystem, Option, Sink, Stdio, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { counted, makeBar } from "../Bar.ts"
import { CommandFailed, withNode } from "../NodeClient.ts"
import { print, table } from "../Output.ts"
import { pecia } from "../root.ts"

/** A Content-Disposition that carries any name (RFC 6266, RFC 8187). */
const namedAs = (name: string) =>
  `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`

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
    const cid = yield* withNode(
      api,
      Effect.fnUntraced(function* (node) {
        const payload = counted(yield* makeBar("upload"), BigInt(info.size), fs.stream(file))
        return yield* node.upload({ payload, headers: { "content-disposition": namedAs(basename(file)) } })
      }, Effect.scoped),
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
    const fetchInto = (sink: Sink.Sink<void, Uint8Array, unknown, CommandFailed>) =>
      withNode(
        api,
        Effect.fnUntraced(function* (node) {
          const bar = yield* makeBar("download")
          const size = bar.isShown ? (yield* node.fetchManifest({ params: { cid } })).manifest.datasetSize : null
          const bytes = yield* node.streamData({ params: { cid }, query: {} })
          yield* counted(bar, size, bytes).pipe(
            Stream.mapError(() => new CommandFailed({ message: `The download of ${cid} broke off; try again.` })),
            Stream.run(sink),
          )
        }, Effect.scoped),
      )
    if (Option.isNone(output)) {
      const closed = () => new CommandFailed({ message: "Standard output was closed before the end of the dataset." })
      return yield* fetchInto(Sink.mapError((yield* Stdio.Stdio).stdout({ endOnDone: false }), closed))
    }
    const file = output.value
    const fs = yield* FileSystem.FileSystem
    const unwritable = () =>
      new CommandFailed({ message: `${file} cannot be written; check the path, its permissions and the space left.` })
    // Whoever has a file of that name keeps it until all of the new one is there.
    const partial = `${file}.part`
    yield* fetchInto(Sink.mapError(fs.sink(partial), unwritable)).pipe(
      Effect.andThen(Effect.mapError(fs.rename(partial, file), unwritable)),
      Effect.onError(() => Effect.ignore(fs.remove(partial))),
    )
    yield* Console.error(`${cid} is in ${file}.`)
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
