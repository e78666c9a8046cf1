import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Api } from "@pecia/api"
import { Deferred, Effect, FileSystem, Schema, type Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"

/** A node process did not come up; `message` has the end of what it said. */
export class PeciadFailed extends Schema.TaggedError<PeciadFailed>()("PeciadFailed", { message: Schema.String }) {}

export interface PeciadOptions {
  readonly name: string
  readonly dataDirectory: string
  readonly roles: ReadonlyArray<"client" | "host" | "validator">
  readonly chainUrl: string
  readonly deploymentFile: string
  readonly keyFile: string
  readonly peers?: ReadonlyArray<string>
  /** Nodes of the same name find each other through their peers; none on this machine by themselves. By default a name of its own. */
  readonly network?: string
  readonly quotaBytes?: bigint
  /** What a host adds to its cost when it offers; 10 by default. */
  readonly marginPercent?: bigint
  /** 0: any free port. */
  readonly apiPort?: number
  /** Port of the exchange; 0: any free one. */
  readonly exchangePort?: number
}

/** What a node prints on standard output when it is ready. */
const Ready = Schema.fromJsonString(
  Schema.Struct({ api: Schema.String, peerId: Schema.String, addresses: Schema.Array(Schema.String) }),
)

const main = fileURLToPath(new URL("../../../apps/node/src/main.ts", import.meta.url))

const flagsOf = (options: PeciadOptions) => [
  `--data-dir=${options.dataDirectory}`,
  `--roles=${options.roles.join(",")}`,
  `--api-port=${options.apiPort ?? 0}`,
  `--listen=/ip4/127.0.0.1/tcp/${options.exchangePort ?? 0}`,
  "--discovery=routing",
  `--network=${options.network ?? randomUUID()}`,
  `--eth-provider=${options.chainUrl}`,
  `--eth-deployment=${options.deploymentFile}`,
  `--eth-key-file=${options.keyFile}`,
  "--eth-polling-millis=250",
  `--storage-quota=${options.quotaBytes ?? 2n ** 33n}`,
  `--margin=${options.marginPercent ?? 10n}`,
  ...(options.peers ?? []).map((peer) => `--peer=${peer}`),
]

const clientOf = (url: string) =>
  HttpApiClient.make(Api, { transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(url)) }).pipe(
    Effect.provide(FetchHttpClient.layer),
  )

/** A node as a process of its own, ended with the scope. */
export interface Peciad {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly client: HttpApiClient.ForApi<typeof Api>
  /** Multiaddresses at which other nodes reach it. */
  readonly peerAddresses: ReadonlyArray<string>
  /** Waits until the process has ended. */
  readonly ended: Effect.Effect<void>
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => Effect.Effect<void>
  /** What it said last, for error messages. */
  readonly lastWords: Effect.Effect<string>
}

export const startPeciad = Effect.fn("Peciad.start")(function* (
  options: PeciadOptions,
): Effect.fn.Return<
  Peciad,
  PeciadFailed,
  Scope.Scope | ChildProcessSpawner.ChildProcessSpawner | FileSystem.FileSystem
> {
  const fs = yield* FileSystem.FileSystem
  const failed = (detail: string) => new PeciadFailed({ message: `Node ${options.name}: ${detail}` })
  const logFile = join(options.dataDirectory, "..", `${options.name}-${randomUUID().slice(0, 8)}.log`)
  const child = yield* ChildProcess.make(process.execPath, ["--conditions=@pecia/source", main, ...flagsOf(options)], {
    stdin: "ignore",
    extendEnv: true,
    env: { NO_COLOR: "1" },
    // A terminal's Ctrl-C reaches the nodes too.
    detached: false,
    forceKillAfter: "5 seconds",
  }).pipe(Effect.mapError((error) => failed(error.message)))
  yield* child.stderr.pipe(Stream.run(fs.sink(logFile)), Effect.ignore, Effect.forkScoped)
  const lastWords = Effect.map(
    Effect.orElseSucceed(fs.readFileString(logFile), () => ""),
    (text) => text.trimEnd().split("\n").slice(-12).join("\n"),
  )
  const ready = yield* Deferred.make<typeof Ready.Type>()
  yield* child.stdout.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.runForEach((line) =>
      Effect.flatMap(Effect.option(Schema.decodeUnknownEffect(Ready)(line)), (found) =>
        found._tag === "Some" ? Deferred.succeed(ready, found.value) : Effect.void,
      ),
    ),
    Effect.ignore,
    Effect.forkScoped,
  )
  const ended = Effect.asVoid(Effect.exit(child.exitCode))
  const { api, peerId, addresses } = yield* Deferred.await(ready).pipe(
    Effect.raceFirst(
      Effect.andThen(
        ended,
        Effect.flatMap(lastWords, (words) => Effect.fail(failed(`it ended at once. ${words}`))),
      ),
    ),
    Effect.timeoutOrElse({
      duration: "60 seconds",
      orElse: () => Effect.flatMap(lastWords, (words) => Effect.fail(failed(`it was not ready in a minute. ${words}`))),
    }),
  )
  return {
    name: options.name,
    pid: child.pid,
    url: api,
    client: yield* clientOf(api),
    peerAddresses: addresses.map((address) => `${address}/p2p/${peerId}`),
    ended,
    kill: (signal) => Effect.andThen(Effect.ignore(child.kill({ killSignal: signal })), ended),
    lastWords,
  }
})
