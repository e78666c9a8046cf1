import { assert, describe, it } from "@effect/vitest"
import { SlotTree } from "@pecia/trees"
import { Effect, Option, Result, Stream } from "effect"
import { Block, BlockNotFound, type Cid, Manifest, type SlotEntry, SlotManifest, SlotPart } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { blocksOf, collect, laidOut, node, partsOf, sourceOf } from "./slotsFixture.ts"

/** Everything true that there is of a dataset of 5 blocks over 2 + 1 slots of 3 stripes, and a place for what is not. */
const world = Effect.gen(function* () {
  const laid = yield* laidOut(bytesOf(65_536 * 5 - 7), { data: 2, parity: 1 })
  const parts = (yield* partsOf(laid.client, laid.manifest)).map(([part]) => part ?? assert.fail("there is no part"))
  const names = yield* blocksOf(laid.client, laid.manifest)
  const lies = new Map<string, Block>()
  const tell = (block: Block) => {
    lies.set(String(block.cid), block)
    return block.cid
  }
  const truth = sourceOf([laid.client.store])
  const source = (cids: ReadonlyArray<Cid>) =>
    Stream.fromIterable(cids).pipe(
      Stream.flatMap((cid) => {
        const lie = lies.get(String(cid))
        return lie === undefined ? truth([cid]) : Stream.succeed(lie)
      }),
    )
  const file = yield* laid.client.datasets.manifest(laid.dataset)
  return { ...laid, file, parts, names, tell, source }
})

type World = Effect.Success<typeof world>

const parted = (
  { manifest, parts, tell }: World,
  change: (part: SlotPart, slotIndex: number) => SlotPart,
): ReadonlyArray<SlotEntry> =>
  parts.map((part, i) => {
    const changed = change(part, i)
    return changed === part
      ? (manifest.slots[i] ?? assert.fail("there is no slot"))
      : {
          root: SlotTree.fromBlockRoots(changed.roots).root,
          parts: [tell(SlotPart.encode(changed))],
        }
  })

const withSlots = (world: World, change: (part: SlotPart, slotIndex: number) => SlotPart) =>
  world.tell(SlotManifest.encode({ ...world.manifest, slots: parted(world, change) }))

const told = (world: World, change: Partial<SlotManifest>) =>
  world.tell(SlotManifest.encode({ ...world.manifest, ...change }))

const foreign = Result.getOrThrow(Block.data(bytesOf(65_536, 99)))

/** The first block of the slot is another one; its root is right where `isHashed`. */
const otherBlock = (world: World, slotIndex: number, isHashed: boolean) => {
  world.tell(foreign)
  return withSlots(world, (part, i) => {
    if (i !== slotIndex) return part
    const roots = Uint8Array.from(part.roots)
    if (isHashed) roots.set(SlotTree.blockRoot(foreign.bytes))
    return { blocks: [Option.some(foreign.cid), ...part.blocks.slice(1)], roots }
  })
}

describe("a slot manifest that lies", () => {
  /** What lies, for which slot, and whether a reader of all data has to notice. */
  const lies: ReadonlyArray<readonly [string, (world: World) => Cid, number, boolean]> = [
    ["about the size of its slots", (w) => told(w, { slotSizeBytes: 4n * 65_536n }), 0, true],
    ["about how many slots have the data", (w) => told(w, { data: 1, parity: 2 }), 0, true],
    [
      "about its dataset, which is another one's",
      (w) => told(w, { manifest: w.tell(Manifest.encode({ ...w.file, sizeBytes: 65_536n * 6n })) }),
      0,
      true,
    ],
    ["about its dataset, which is no manifest", (w) => told(w, { manifest: w.cid }), 0, true],
    [
      "about its dataset, whose tree is a block of data",
      (w) => told(w, { manifest: w.tell(Manifest.encode({ ...w.file, content: foreign.cid })) }),
      0,
      true,
    ],
    [
      "with the parts of another slot in its place",
      (w) =>
        told(w, {
          slots: w.manifest.slots.map(({ root }, i) => ({ root, parts: w.manifest.slots[(i + 1) % 3]?.parts ?? [] })),
        }),
      0,
      true,
    ],
    [
      "with parts that are no parts",
      (w) => told(w, { slots: w.manifest.slots.map(({ root }) => ({ root, parts: [w.cid] })) }),
      1,
      true,
    ],
    [
      "about the root of a slot",
      (w) => told(w, { slots: w.manifest.slots.map(({ parts }) => ({ root: new Uint8Array(32), parts })) }),
      0,
      false,
    ],
    [
      "with a part of fewer blocks",
      (w) => withSlots(w, ({ blocks, roots }) => ({ blocks: blocks.slice(1), roots: roots.slice(32) })),
      0,
      true,
    ],
    [
      "with a part of more blocks",
      (w) =>
        withSlots(w, ({ blocks, roots }) => ({ blocks: [...blocks, ...blocks], roots: Buffer.concat([roots, roots]) })),
      2,
      true,
    ],
    [
      "with zeros in the middle of the data",
      (w) => withSlots(w, ({ blocks, roots }) => ({ blocks: [Option.none(), ...blocks.slice(1)], roots })),
      0,
      true,
    ],
    [
      "with a block where there are zeros",
      (w) =>
        withSlots(w, (part, i) =>
          i === 1 ? { ...part, blocks: [...part.blocks.slice(0, 2), Option.some(foreign.cid)] } : part,
        ),
      1,
      true,
    ],
    [
      "with zeros as parity",
      (w) =>
        withSlots(w, (part, i) => (i === 2 ? { ...part, blocks: [Option.none(), ...part.blocks.slice(1)] } : part)),
      2,
      false,
    ],
    [
      "about the roots of blocks",
      (w) => withSlots(w, ({ blocks, roots }) => ({ blocks, roots: Uint8Array.from(roots, (byte) => byte ^ 1) })),
      0,
      false,
    ],
    ["about a block of the file, of which the root is wrong too", (w) => otherBlock(w, 0, false), 0, true],
    ["about a block of the file, of which the root is right", (w) => otherBlock(w, 0, true), 0, true],
    ["about a block of parity", (w) => otherBlock(w, 2, false), 2, false],
    ["with slots in another order", (w) => told(w, { slots: w.manifest.slots.toReversed() }), 0, true],
  ]
  for (const [what, lie, slotIndex, isRead] of lies)
    it.effect(`${what} is InvalidManifest, and never comes to stand beside its slot`, () =>
      Effect.gen(function* () {
        const made = yield* world
        const cid = lie(made)
        const host = yield* node()
        yield* host.space.hold("slot", made.manifest.slotSizeBytes)
        const error = yield* Effect.flip(host.slots.store("slot", cid, slotIndex, made.source))
        assert.strictEqual(error._tag, "InvalidManifest", error.message)
        assert.isFalse(yield* host.store.has(cid))
        // Only the root of the whole slot is not known before its end; all else before a block is kept.
        if (what !== "about the root of a slot")
          for (const { dataBytes } of yield* host.store.volumes) assert.strictEqual(dataBytes, 0n)
        if (what === "about the size of its slots") assert.include(error.message, "slots of 262144 bytes")
        if (what.startsWith("with a part of")) assert.match(error.message, /lists . blocks/)
        // All of it goes with the volume.
        yield* host.store.drop("slot")
        yield* host.space.hold("probe", 2n ** 30n)
        if (!isRead) return
        const unread = yield* Effect.flip(collect(host.slots.read(cid, made.source)))
        assert.strictEqual(unread._tag, "InvalidManifest", unread.message)
      }).pipe(Effect.scoped),
    )

  for (const lost of [0, 1])
    it.effect(`about parity is found out when slot ${lost} is made from it`, () =>
      Effect.gen(function* () {
        const made = yield* world
        const cid = otherBlock(made, 2, true)
        const gone = new Set((made.names[lost] ?? []).map(String))
        const source = (cids: ReadonlyArray<Cid>) =>
          Stream.unwrap(
            Effect.gen(function* () {
              if (cids.some((name) => gone.has(String(name)))) return yield* new BlockNotFound({ cid })
              return made.source(cids)
            }),
          )
        const host = yield* node()
        yield* host.space.hold("slot", made.manifest.slotSizeBytes)
        const error = yield* Effect.flip(host.slots.store("slot", cid, lost, source))
        assert.strictEqual(error._tag, "InvalidManifest")
        const unread = yield* Effect.flip(collect(host.slots.read(cid, source)))
        assert.strictEqual(unread._tag, "InvalidManifest")
      }).pipe(Effect.scoped),
    )

  it.effect("about its code is UnknownCodec", () =>
    Effect.gen(function* () {
      const made = yield* world
      const cid = told(made, { codec: "rs-of-tomorrow" })
      const host = yield* node()
      for (const step of [host.slots.store("slot", cid, 0, made.source), collect(host.slots.read(cid, made.source))]) {
        const error = yield* Effect.flip(step)
        assert.strictEqual(error._tag, "UnknownCodec")
        assert.include(error.message, "rs-of-tomorrow")
      }
    }).pipe(Effect.scoped),
  )

  it.effect("is not needed to ask for a slot that there is not", () =>
    Effect.gen(function* () {
      const made = yield* world
      const host = yield* node()
      for (const slotIndex of [3, -1, 1.5, Number.NaN, 2 ** 40])
        assert.strictEqual(
          (yield* Effect.flip(host.slots.store("slot", made.cid, slotIndex, made.source)))._tag,
          "InvalidManifest",
        )
      assert.deepStrictEqual(yield* host.store.volumes, [])
    }).pipe(Effect.scoped),
  )
})
