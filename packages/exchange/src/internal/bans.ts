import * as fs from "node:fs/promises"
import { Clock, Duration, Effect, Predicate, Schema, Semaphore } from "effect"
import * as limits from "./limits.ts"

/** The peers that lied, each until its ban is over. */
export interface Bans {
  readonly has: (peer: string) => boolean
  readonly add: (peer: string) => Effect.Effect<void>
}

/** Peer ids, and until when in milliseconds since 1970. */
const Banned = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Number))
const decode = Schema.decodeUnknownEffect(Banned)
const encode = Schema.encodeEffect(Banned)

const isMissing = (cause: unknown) => Predicate.hasProperty(cause, "code") && cause.code === "ENOENT"

const nobody: Readonly<Record<string, number>> = {}

/** A list that cannot be read is no reason not to start: liars lie again, and are found out again. */
const read = (file: string) =>
  Effect.tryPromise(() => fs.readFile(file, "utf8")).pipe(
    Effect.catch((error) => (isMissing(error.cause) ? Effect.succeed("{}") : Effect.fail(error))),
    Effect.flatMap(decode),
    Effect.catch((error) =>
      Effect.as(
        Effect.logWarning(`The list of banned peers ${file} cannot be read and is begun anew: ${error.message}`),
        nobody,
      ),
    ),
  )

const write = Effect.fnUntraced(
  function* (file: string, banned: ReadonlyMap<string, number>) {
    const text = yield* encode(Object.fromEntries(banned))
    yield* Effect.tryPromise(async () => {
      await fs.writeFile(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true })
      await fs.rename(`${file}.new`, file)
    })
  },
  (writing, file) =>
    Effect.catch(writing, (error) =>
      Effect.logWarning(`The list of banned peers ${file} cannot be written: ${error.message}`),
    ),
)

/** Kept in a file, so that they outlast the process, or in memory only. */
export const make = Effect.fnUntraced(function* (file: string | undefined) {
  const clock = yield* Clock.Clock
  const writing = yield* Semaphore.make(1)
  const banned = new Map(Object.entries(file === undefined ? nobody : yield* read(file)))
  const has = (peer: string) => (banned.get(peer) ?? 0) > clock.currentTimeMillisUnsafe()

  const forget = () => {
    for (const peer of Array.from(banned.keys())) if (!has(peer)) banned.delete(peer)
    for (const peer of Array.from(banned.keys()).slice(0, -limits.bansMax)) banned.delete(peer)
  }
  forget()

  return {
    has,
    add: (peer) =>
      Effect.suspend(() => {
        banned.delete(peer)
        banned.set(peer, clock.currentTimeMillisUnsafe() + Duration.toMillis(limits.banDuration))
        forget()
        return file === undefined ? Effect.void : write(file, banned)
      }).pipe(writing.withPermit),
  } satisfies Bans
})
