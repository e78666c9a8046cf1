import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Result } from "effect"
import { Block, BlockSource, BlockSpace, BlockStore, type Cid, parseCid, SlotManifest, SlotView } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { collect, node } from "./slotsFixture.ts"
import { temporaryDirectory } from "./temporaryDirectory.ts"

const program = fileURLToPath(new URL("./processes/layer.ts", import.meta.url))
const quotaBytes = 1n << 40n

/** Runs it until it has said so many lines, kills it with -9 in the middle of the next step, and answers with all that it said. */
const killed = (directory: string, lines: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@pecia/source", program, directory], {
        stdio: ["ignore", "pipe", "inherit"],
      }),
    ),
    (child) =>
      Effect.promise(async () => {
        const said: Array<string> = []
        for await (const line of createInterface(child.stdout)) {
          // What is logged besides is no promise.
          if (/^(dataset|slots|stored) /.test(line)) said.push(line)
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

const cidIn = (line: string): Cid => Result.getOrThrow(parseCid(line.split(" ").at(-1) ?? ""))

describe("A process that is killed with -9 while it lays out and rebuilds slots", () => {
  for (const lines of [1, 4, 11])
    it.effect(`has all that it said ${lines} times to be there, and the ledger counts nothing else`, () =>
      Effect.gen(function* () {
        const directory = yield* temporaryDirectory
        const said = yield* killed(directory, lines)
        assert.isAtLeast(said.length, lines)
        const [dataset, ...rest] = said
        // The ledger of a node survives; this one is told what that would know.
        const space = Context.get(yield* Layer.build(BlockSpace.layerMemory({ quotaBytes })), BlockSpace)
        const volumes = [
          String(cidIn(dataset ?? "")),
          ...rest.map((line) => (line.startsWith("slots") ? `slots-${cidIn(line)}` : `slot-${line.split(" ")[1]}`)),
        ]
        for (const volume of volumes) {
          yield* space.hold(volume, 1n)
          yield* space.trim(volume)
        }
        const context = yield* Layer.build(
          BlockStore.layerFileSystem({ directory }).pipe(Layer.provide(Layer.succeed(BlockSpace, space))),
        )
        const store = Context.get(context, BlockStore)
        const found = yield* store.volumes
        assert.sameMembers(
          found.map(({ volume }) => volume),
          volumes,
        )
        const here = BlockSource.fromStore(store)
        const reader = yield* node()
        for (const line of rest) {
          const cid = cidIn(line)
          const manifest = Result.getOrThrow(SlotManifest.decode({ cid, bytes: yield* store.get(cid) }))
          for (const slotIndex of manifest.slots.keys()) {
            const { blocks } = yield* SlotView.read(cid, manifest, slotIndex, here)
            for (const name of blocks.flatMap(Option.toArray))
              assert.isTrue(Result.isSuccess(Block.verify(name, yield* store.get(name))))
          }
          const read = yield* collect(reader.slots.read(cid, here))
          assert.strictEqual(Buffer.compare(read, bytesOf(40 * 65_536 - 3)), 0)
        }
        const dataBytes = found.reduce((sum, volume) => sum + volume.dataBytes, 0n)
        yield* space.hold("probe", quotaBytes - dataBytes)
        assert.strictEqual((yield* Effect.flip(space.hold("probe", 1n)))._tag, "SpaceExhausted")
      }).pipe(Effect.scoped),
    )
})
