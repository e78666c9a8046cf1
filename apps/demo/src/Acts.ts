import { createHash } from "node:crypto"
import { Effect, FileSystem, Schedule, Schema, Stream } from "effect"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import { type Actor, spaceOf, wealthOf } from "./Nodes.ts"

// What happens in every demo, however the file is traded.

/** The demo cannot go on; `message` says where it stopped. */
export class DemoStopped extends Schema.TaggedError<DemoStopped>()("DemoStopped", { message: Schema.String }) {}

/** Looks again until it is so, or until the time is up. */
export const until = <E, R>(what: string, holds: Effect.Effect<boolean, E, R>, seconds: bigint) =>
  holds.pipe(
    Effect.repeat({ schedule: Schedule.spaced("250 millis"), until: (so) => so }),
    Effect.timeoutOrElse({
      duration: `${Number(seconds)} seconds`,
      orElse: () => Effect.fail(new DemoStopped({ message: `Waited ${seconds} seconds in vain until ${what}.` })),
    }),
    Effect.asVoid,
  )

const sha256Of = Effect.fnUntraced(function* <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) {
  const hash = createHash("sha256")
  yield* Stream.runForEach(bytes, (chunk) => Effect.sync(() => hash.update(chunk)))
  return hash.digest("hex")
})

/** Puts the file into the client. */
export const upload = Effect.fnUntraced(function* ({ client }: Actor, file: DemoFile) {
  const fs = yield* FileSystem.FileSystem
  const { say } = yield* Board
  const sha256 = yield* sha256Of(fs.stream(file.path))
  const cid = yield* client.upload({ payload: fs.stream(file.path), headers: {} })
  yield* say(`The client has the file, ${file.bytes} bytes: ${cid}`)
  return { cid, sha256 }
})

/** Deletes the file at the client and fetches it from the hosts. Answers its hash. */
export const fetchBack = Effect.fnUntraced(function* (
  { client }: Actor,
  { cid, sha256 }: { readonly cid: string; readonly sha256: string },
) {
  const { say } = yield* Board
  yield* client.deleteData({ params: { cid } })
  const { content } = yield* client.listData()
  if (content.length > 0) return yield* new DemoStopped({ message: "The client still has the file after deleting it." })
  const retrievedSha256 = yield* sha256Of(Stream.unwrap(client.streamData({ params: { cid } })))
  yield* say(
    `The client deleted the file and fetched it back from the hosts: ${retrievedSha256 === sha256 ? "the same bytes" : "other bytes"}.`,
  )
  return retrievedSha256
})

/** Waits until the data is gone and all space is on offer. */
export const awaitCleared = (hosts: ReadonlyArray<Actor>) =>
  until(
    "the hosts have cleared their data and offer the space again",
    Effect.map(Effect.forEach(hosts, spaceOf), (all) =>
      all.every(({ usedBytes, freeBytes, offeredBytes }) => usedBytes === 0n && freeBytes === offeredBytes),
    ),
    30n,
  )

/** What client and hosts have now. */
export const wealthOfAll = Effect.fnUntraced(function* (client: Actor, hosts: ReadonlyArray<Actor>) {
  return { client: yield* wealthOf(client), hosts: yield* Effect.forEach(hosts, wealthOf) }
})

/** What client and hosts had `before` and have now, and what is left on the hosts. */
export const balances = Effect.fnUntraced(function* (
  client: Actor,
  hosts: ReadonlyArray<Actor>,
  before: Effect.Success<ReturnType<typeof wealthOfAll>>,
) {
  const hostsAtEnd = yield* Effect.forEach(hosts, (host, index) =>
    Effect.all({ after: wealthOf(host), space: spaceOf(host) }).pipe(
      Effect.map(({ after, space }) => ({ address: host.address, before: before.hosts[index] ?? 0n, after, ...space })),
    ),
  )
  return { client: { before: before.client, after: yield* wealthOf(client) }, hosts: hostsAtEnd }
})
