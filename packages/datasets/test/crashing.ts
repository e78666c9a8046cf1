import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs/promises"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert } from "@effect/vitest"
import { Effect, Layer, Random, Result, Stream } from "effect"
import { BlockSpace, BlockStore } from "../src/index.ts"
import { crashBlock, crashQuotaBytes } from "./processes/crashBlock.ts"
import { journaledSpace } from "./processes/journaledSpace.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

/** Runs a script until it has said so many lines, kills it with -9, and answers with all that it said. */
export const killedAfter = (lines: number, script: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      spawn(
        process.execPath,
        ["--conditions=@pecia/source", fileURLToPath(new URL(`./processes/${script}`, import.meta.url)), ...args],
        { stdio: ["ignore", "pipe", "inherit"] },
      ),
    ),
    (child) =>
      Effect.promise(async () => {
        const said: Array<string> = []
        for await (const line of createInterface(child.stdout)) {
          said.push(line)
          if (said.length === lines) child.kill("SIGKILL")
        }
        return said
      }),
    (child) =>
      Effect.promise(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill("SIGKILL")
        await once(child, "exit")
      }),
  )

/** What has to be there: the acknowledged blocks of each volume, and which volumes may go. */
class Expected {
  readonly volumes = new Map<string, Set<number>>()
  readonly cached = new Set<string>()
  /** What the process was about to do when it died. */
  pending: ReadonlyArray<string> = []

  hear(line: string) {
    const [did = "", volume = "", other = ""] = line.split(" ")
    this.pending = did.endsWith("ing") ? [did, volume, other] : []
    if (did === "put") this.volumes.set(volume, (this.volumes.get(volume) ?? new Set()).add(Number(other)))
    if (did === "cached") this.cached.add(volume)
    if (did === "dropped") this.forget(volume)
    if (did === "renamed" && volume !== other) this.move(volume, other)
    if (did === "evicting") for (const name of this.cached) this.volumes.delete(name)
  }

  private forget(volume: string) {
    this.volumes.delete(volume)
    this.cached.delete(volume)
  }

  private move(from: string, to: string) {
    const blocks = this.volumes.get(from)
    const isCached = this.cached.has(from)
    this.forget(from)
    this.forget(to)
    if (blocks !== undefined) this.volumes.set(to, blocks)
    if (isCached) this.cached.add(to)
  }
}

const contentOf = Effect.fnUntraced(function* (volume: string) {
  const store = yield* BlockStore
  const blocks = yield* Stream.runCollect(store.blocks(volume))
  for (const { cid } of blocks) assert.isTrue(yield* store.check(volume, cid), `${cid} in ${volume} is intact`)
  return new Set(blocks.map(({ cid }) => cid.toString()))
})

const assertAll = (content: ReadonlySet<string> | undefined, expected: ReadonlySet<number>, volume: string) => {
  for (const at of expected) {
    assert.isTrue(content?.has(crashBlock(at).cid.toString()), `acknowledged block ${at} is in ${volume}`)
  }
}

/** All that was acknowledged is there, but for what the process was about to take away: that is there as a whole, or not at all. */
const assertKept = ({ pending: [doing, from, to], volumes }: Expected, found: ReadonlyMap<string, Set<string>>) => {
  for (const [volume, expected] of volumes) {
    const isMoving = doing === "renaming" && from !== to && (volume === from || volume === to)
    const isGoing = doing === "dropping" && volume === from
    if (!isMoving && !(isGoing && !found.has(volume))) assertAll(found.get(volume), expected, volume)
  }
  if (doing !== "renaming" || from === undefined || to === undefined || from === to) return
  const moved = volumes.get(from)
  const isMoved = moved !== undefined && !found.has(from)
  if (moved !== undefined) assertAll(found.get(isMoved ? to : from), moved, isMoved ? to : from)
}

/** The ledger counts what is on disk, to the byte. */
const assertLedger = Effect.fnUntraced(function* (directory: string) {
  const space = yield* BlockSpace
  const volumes = yield* (yield* BlockStore).volumes
  for (const { blocks, dataBytes, metadataBytes, volume } of volumes) {
    const names = yield* Effect.promise(() => fs.readdir(`${directory}/${volume}`))
    const sizes = yield* Effect.promise(() =>
      Promise.all(names.map((name) => fs.stat(`${directory}/${volume}/${name}`))),
    )
    assert.strictEqual(BigInt(sizes.reduce((sum, { size }) => sum + size, 0)), dataBytes + metadataBytes)
    assert.strictEqual(names.length, blocks)
  }
  const sum = (bytes: (volume: (typeof volumes)[number]) => bigint) =>
    volumes.reduce((all, one) => all + bytes(one), 0n)
  for (const [take, usedBytes] of [
    [space.hold, sum(({ dataBytes }) => dataBytes)],
    [space.writeMetadata, sum(({ metadataBytes }) => metadataBytes)],
  ] as const) {
    yield* take("probe", crashQuotaBytes - usedBytes)
    assert.isTrue(Result.isFailure(yield* Effect.result(take("probe", 1n))))
    yield* space.giveBack("probe")
  }
  const folders = yield* Effect.promise(() => fs.readdir(directory))
  assert.sameMembers(folders, [".tmp", ...volumes.map(({ volume }) => volume)])
  assert.deepStrictEqual(yield* Effect.promise(() => fs.readdir(`${directory}/.tmp`)), [])
})

/** Kills a process that works on one store again and again, and looks at what it left each time. */
export const surviveKills = Effect.fnUntraced(function* (kills: number, seed: string) {
  const directory = yield* temporaryDirectory
  const [blocks, ledger] = [`${directory}/blocks`, `${directory}/ledger`]
  let expected = new Expected()
  for (let kill = 0; kill < kills; kill++) {
    const lines = yield* Random.nextIntBetween(1, 250)
    const said = yield* killedAfter(lines, "worker.ts", blocks, ledger, `${seed} ${kill}`)
    assert.isAtLeast(said.length, lines)
    for (const line of said) expected.hear(line)
    const next = yield* Effect.gen(function* () {
      const volumes = yield* (yield* BlockStore).volumes
      const found = new Map<string, Set<string>>()
      for (const { volume } of volumes) found.set(volume, yield* contentOf(volume))
      assertKept(expected, found)
      yield* assertLedger(blocks)
      const standing = new Expected()
      for (const { isCached, volume } of volumes) {
        const here = Array.from({ length: 401 }, (_, at) => at).filter((at) =>
          found.get(volume)?.has(crashBlock(at).cid.toString()),
        )
        standing.volumes.set(volume, new Set(here))
        if (isCached) standing.cached.add(volume)
      }
      return standing
    }).pipe(
      Effect.provide(
        Layer.fresh(
          BlockStore.layerFileSystem({ directory: blocks }).pipe(
            Layer.provideMerge(journaledSpace(ledger, crashQuotaBytes)),
          ),
        ),
      ),
    )
    expected = next
  }
}, Random.withSeed("kills"))
