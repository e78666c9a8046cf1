import { ErasureCode } from "@pecia/erasure"
import { BlockRoots, SlotTree } from "@pecia/trees"
import { Effect, Option, Result, Stream } from "effect"
import { Block, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { BlockSpace } from "../BlockSpace.ts"
import { BlockStore } from "../BlockStore.ts"
import { Datasets } from "../Datasets.ts"
import { FileTree } from "../FileTree.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"
import { SlotContent } from "../SlotContent.ts"
import { SlotLayout, type SlotShape } from "../SlotLayout.ts"
import { codecNone, SlotManifest } from "../SlotManifest.ts"
import { partBlocksMax, SlotPart } from "../SlotPart.ts"
import { putStream } from "./putStream.ts"
import { putWhole } from "./putWhole.ts"
import { filledUp, makeSlotReader, oneOf, type Plan, planOf } from "./slotReader.ts"
import { withWorkVolume } from "./workVolume.ts"

/** Stripes that are coded at the same time. */
const stripesAtOnce = 4
/** Blocks of a slot that are asked for together: 4 MiB. */
const window = 64
const putConcurrency = 8

/** The volume of what is made for slots besides the data. */
const slotsVolume = (slotManifest: Cid): string => `slots-${slotManifest}`

/** Collects what the parts of one slot say, and writes each when it is full. */
const makePartWriter = (write: (part: Block) => Effect.Effect<void, WriteError>) => {
  const parts: Array<Cid> = []
  const roots: Array<Uint8Array> = []
  let blocks: Array<Option.Option<Cid>> = []
  const flush = Effect.gen(function* () {
    const part = SlotPart.encode({ blocks, roots: Buffer.concat(roots.slice(-blocks.length)) })
    parts.push(part.cid)
    blocks = []
    yield* write(part)
  })
  return {
    add: Effect.fnUntraced(function* (block: Option.Option<Cid>, root: Uint8Array) {
      blocks.push(block)
      roots.push(root)
      if (blocks.length === partBlocksMax) yield* flush
    }),
    end: Effect.gen(function* () {
      if (blocks.length > 0) yield* flush
      return { root: SlotTree.fromBlockRoots(Buffer.concat(roots)).root, parts }
    }),
  }
}

type WriteError = Effect.Error<ReturnType<BlockStore["Service"]["put"]>>

export const make = Effect.gen(function* () {
  const store = yield* BlockStore
  const space = yield* BlockSpace
  const datasets = yield* Datasets
  const code = yield* ErasureCode
  const blockRoots = yield* BlockRoots

  const read1 = (cid: Cid) => Effect.map(store.get(cid), (bytes): Block => ({ cid, bytes }))

  const codeStripe = Effect.fnUntraced(function* (cids: ReadonlyArray<Cid>, { data, parity }: SlotShape) {
    const found = yield* Effect.forEach(cids, store.get, { concurrency: data })
    const shards = Array.from({ length: data }, (_, i) => filledUp(found[i] ?? new Uint8Array()))
    const coded = parity === 0 ? [] : yield* Effect.orDie(code.encode(shards, parity))
    const roots = yield* blockRoots.of([...shards, ...coded])
    const parityBlocks = coded.map((bytes) => Result.getOrThrow(Block.data(bytes)))
    return { cids: Array.from({ length: data }, (_, i) => Option.fromUndefinedOr(cids[i])), parityBlocks, roots }
  })

  const lay = Effect.fn("Slots.lay")(function* (dataset: Cid, shape: SlotShape) {
    const found = yield* datasets.manifest(dataset)
    const layout = yield* Effect.fromResult(SlotLayout.make(Manifest.blockCount(found), shape))
    return yield* withWorkVolume(
      store,
      Effect.fnUntraced(function* (volume) {
        const slots = Array.from({ length: layout.slots }, () => makePartWriter((part) => store.put(volume, part)))
        const parity = datasets.blocks(found).pipe(
          Stream.grouped(layout.data),
          Stream.mapEffect((cids) => codeStripe(cids, shape), { concurrency: stripesAtOnce }),
          Stream.tap(({ cids, parityBlocks, roots }) =>
            Effect.forEach(
              slots,
              (slot, i) =>
                slot.add(
                  cids[i] ?? Option.fromUndefinedOr(parityBlocks[i - layout.data]?.cid),
                  roots.subarray(i * 32, i * 32 + 32),
                ),
              { discard: true },
            ),
          ),
          Stream.flatMap(({ parityBlocks }) => Stream.fromIterable(parityBlocks)),
        )
        yield* putStream(store, space, volume, parity)
        const manifest: SlotManifest = {
          manifest: dataset,
          codec: shape.parity === 0 ? codecNone : code.codec,
          data: shape.data,
          parity: shape.parity,
          slotSizeBytes: layout.slotSizeBytes,
          slots: yield* Effect.forEach(slots, (slot) => slot.end),
        }
        const block = SlotManifest.encode(manifest)
        yield* store.put(volume, block)
        yield* store.rename(volume, slotsVolume(block.cid))
        return { cid: block.cid, manifest }
      }),
    )
  })

  const contentsOf = Effect.fn("Slots.contentsOf")(function* (cid: Cid) {
    const { slots } = yield* Effect.fromResult(SlotManifest.decode(yield* read1(cid)))
    const contents = slots.map(({ root }) => SlotContent.encode({ manifest: cid, slotRoot: root }))
    yield* putWhole(store, space, slotsVolume(cid), contents)
    return contents.map((block) => block.cid)
  })

  /** Stores stripes of a slot. What was rebuilt is compared with its name, everything with its root, without which it cannot be proven. */
  const keep = Effect.fnUntraced(function* (
    volume: string,
    { cid, dataset, layout }: Plan,
    slotIndex: number,
    window: { readonly first: number; readonly blocks: ReadonlyArray<Option.Option<Cid>>; readonly roots: Uint8Array },
    bytes: ReadonlyArray<Uint8Array>,
  ) {
    const wrong = (detail: string) => new InvalidManifest({ cid, detail: `slot ${slotIndex}: ${detail}` })
    if (Buffer.compare(yield* blockRoots.of(bytes), window.roots) !== 0)
      return yield* wrong("its blocks do not have the roots that its parts say")
    yield* Effect.forEach(
      window.blocks.entries(),
      Effect.fnUntraced(function* ([i, name]) {
        if (Option.isNone(name)) return
        const index = layout.dataBlock(slotIndex, window.first + i)
        const length = Option.match(index, {
          onNone: () => undefined,
          onSome: (at) => Manifest.blockBytes(dataset, at),
        })
        const block = Block.verify(name.value, (bytes[i] ?? new Uint8Array()).subarray(0, length))
        if (Result.isFailure(block)) return yield* wrong(block.failure.message)
        yield* store.put(volume, block.success)
      }),
      { concurrency: putConcurrency, discard: true },
    )
  })

  const store_ = Effect.fn("Slots.store")(function* <E, R>(
    volume: string,
    cid: Cid,
    slotIndex: number,
    source: BlockSource<E, R>,
  ) {
    const manifestBlock = yield* oneOf(source, cid)
    const manifest = yield* Effect.fromResult(SlotManifest.decode(manifestBlock))
    const plan = yield* planOf(cid, manifest, code.codec, source)
    const reader = makeSlotReader(plan, code, source)
    const view = yield* reader.viewOf(slotIndex)
    yield* Effect.forEach([manifestBlock, plan.datasetBlock, ...view.parts], (block) => store.put(volume, block), {
      discard: true,
    })
    // The file's own tree goes with each slot, so that whoever knows the dataset alone finds its blocks.
    const nodes = (node: Cid) => Stream.tap(source([node]), (block) => store.put(volume, block))
    yield* Stream.runDrain(FileTree.leaves(plan.dataset.content, plan.dataset.sizeBytes, nodes))
    const roots = view.tree.rows[0] ?? new Uint8Array()
    for (let first = 0; first < view.blocks.length; first += window) {
      const blocks = view.blocks.slice(first, first + window)
      const [found] = yield* reader.stripes([slotIndex], first, blocks.length)
      const range = { first, blocks, roots: roots.subarray(first * 32, (first + blocks.length) * 32) }
      yield* keep(volume, plan, slotIndex, range, found?.blocks ?? [])
    }
  })

  const read = <E, R>(cid: Cid, source: BlockSource<E, R>) =>
    Effect.gen(function* () {
      const manifest = yield* Effect.fromResult(SlotManifest.decode(yield* oneOf(source, cid)))
      const plan = yield* planOf(cid, manifest, code.codec, source)
      const { dataset, layout } = plan
      const reader = makeSlotReader(plan, code, source)
      const dataSlots = Array.from({ length: layout.data }, (_, i) => i)
      const count = Math.max(1, Math.floor(window / layout.data))
      return FileTree.leaves(dataset.content, dataset.sizeBytes, (node) => source([node])).pipe(
        Stream.grouped(count * layout.data),
        Stream.zipWithIndex,
        Stream.mapEffect(
          Effect.fnUntraced(function* ([names, i]) {
            const slots = yield* reader.stripes(dataSlots, i * count, Math.ceil(names.length / layout.data))
            return yield* Effect.forEach(names, (name, at) => {
              const slot = slots[at % layout.data]
              const filled = slot?.blocks[Math.floor(at / layout.data)] ?? new Uint8Array()
              const bytes = filled.subarray(0, Manifest.blockBytes(dataset, i * count * layout.data + at))
              if (slot?.isRebuilt !== true) return Effect.succeed(bytes)
              return Effect.fromResult(Block.verify(name, bytes)).pipe(
                Effect.mapBoth({
                  onSuccess: () => bytes,
                  onFailure: ({ message }) => new InvalidManifest({ cid, detail: `its parity is wrong: ${message}` }),
                }),
              )
            })
          }),
          { concurrency: 2 },
        ),
        Stream.flatMap(Stream.fromIterable),
      )
    }).pipe(Stream.unwrap, Stream.withSpan("Slots.read"))

  return {
    lay,
    drop: Effect.fn("Slots.drop")((cid: Cid) => store.drop(slotsVolume(cid))),
    contentsOf,
    store: store_,
    read,
  }
})
