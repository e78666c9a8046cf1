import { createHash } from "node:crypto"
import { Effect, FileSystem, Schedule, Schema, Stream } from "effect"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import { type Actor, type Cast, spaceOf, wealthOf } from "./Nodes.ts"

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

/** Deletes the file at the client, and waits until nothing of it is left there. */
export const deleteFile = Effect.fnUntraced(function* (client: Actor, { cid }: { readonly cid: string }) {
  yield* client.client.deleteData({ params: { cid } })
  const isGone = Effect.map(client.client.space(), ({ quotaUsedBytes }) => quotaUsedBytes === 0n)
  yield* until("the client has nothing of the file any more", isGone, 60n)
})

/** Fetches the file from the hosts. Answers its hash. */
export const fetchBack = Effect.fnUntraced(function* (
  { client }: Actor,
  { cid, sha256 }: { readonly cid: string; readonly sha256: string },
  what: string,
) {
  const { say } = yield* Board
  const retrievedSha256 = yield* sha256Of(Stream.unwrap(client.streamData({ params: { cid }, query: {} })))
  yield* say(`${what}: ${retrievedSha256 === sha256 ? "the same bytes" : "other bytes"}.`)
  return retrievedSha256
})

/** Waits until the data is gone and all space is on offer. */
export const awaitCleared = (hosts: ReadonlyArray<Actor>) =>
  until(
    "the hosts have cleared their data and offer the space again",
    Effect.map(Effect.forEach(hosts, spaceOf), (all) =>
      all.every(({ usedBytes, freeBytes, offeredBytes }) => usedBytes === 0n && freeBytes === offeredBytes),
    ),
    60n,
  )

/** What everybody has now. */
export const wealthOfAll = Effect.fnUntraced(function* ({ client, hosts, validators }: Cast) {
  return {
    client: yield* wealthOf(client),
    hosts: yield* Effect.forEach(hosts, wealthOf),
    validators: yield* Effect.forEach(validators, wealthOf),
  }
})

/** What everybody had `before` and has now, and what is left on the hosts that live. */
export const balances = Effect.fnUntraced(function* (
  cast: Cast,
  before: Effect.Success<ReturnType<typeof wealthOfAll>>,
  dead?: Actor,
) {
  const after = yield* wealthOfAll(cast)
  const change = (one: bigint | undefined, other: bigint | undefined) => ({ before: one ?? 0n, after: other ?? 0n })
  const hosts = yield* Effect.forEach(cast.hosts, (host, index) =>
    Effect.map(host === dead ? Effect.succeed(null) : spaceOf(host), (space) => ({
      address: host.address,
      ...change(before.hosts[index], after.hosts[index]),
      space,
    })),
  )
  const validators = cast.validators.map(({ address }, index) => ({
    address,
    ...change(before.validators[index], after.validators[index]),
  }))
  return { client: change(before.client, after.client), hosts, validators }
})
