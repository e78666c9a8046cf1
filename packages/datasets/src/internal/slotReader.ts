import type { ErasureCode } from "@pecia/erasure"
import { Data, Effect, Option, Semaphore, Stream } from "effect"
import { blockSizeBytes, type Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { InvalidManifest } from "../InvalidManifest.ts"
import { SlotManifest } from "../SlotManifest.ts"
import { partBlocksMax, SlotPart } from "../SlotPart.ts"
import { TooFewSlots } from "../SlotsError.ts"
import { oneOf } from "./oneOf.ts"
import { filledUp, type Plan } from "./plan.ts"

/** Stripes that are coded at the same time. */
const stripesAtOnce = 4

/** Stripes of one slot. */
export interface SlotBytes {
  /** Filled up with zeros. */
  readonly blocks: ReadonlyArray<Uint8Array>
  /** What the slot's part says of them. None: they were coded from other slots, and nobody has compared them with anything yet. */
  readonly said: Option.Option<SlotPart>
}

class SourceFailed extends Data.TaggedError("SourceFailed")<{ readonly cause: unknown }> {}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/**
 * Reads stripes of slots from a source, and codes what the source has not from any so many slots as the data has. It keeps one part of
 * each slot. A slot that failed once is asked again only where the others are too few.
 */
export const makeSlotReader = <E, R>(plan: Plan, code: ErasureCode["Service"], source: BlockSource<E, R>) => {
  const { cid, layout, manifest } = plan
  const all = Array.from({ length: layout.slots }, (_, i) => i)
  const parts = all.map(() => ({ lock: Semaphore.makeUnsafe(1), current: Option.none<[number, SlotPart]>() }))
  const lost = new Set<number>()
  let firstLoss = "None was tried."
  const zeros = new Uint8Array(blockSizeBytes)
  const trySource: BlockSource<SourceFailed, R> = (cids) =>
    Stream.mapError(source(cids), (cause) => new SourceFailed({ cause }))

  const readPart = Effect.fnUntraced(function* (slotIndex: number, index: number, partCid: Cid) {
    const part = yield* Effect.fromResult(SlotPart.decode(yield* oneOf(trySource, partCid)))
    const first = index * partBlocksMax
    const wrong = (detail: string) =>
      new InvalidManifest({ cid: partCid, detail: `${detail} (part ${index} of slot ${slotIndex} of ${cid})` })
    const expected = SlotManifest.partBlocks(manifest, index)
    if (part.blocks.length !== expected)
      return yield* wrong(`it lists ${part.blocks.length} blocks, and its place takes ${expected}`)
    const isRight = part.blocks.every(
      (block, i) =>
        Option.isSome(block) === (slotIndex >= layout.data || Option.isSome(layout.dataBlock(slotIndex, first + i))),
    )
    return isRight ? part : yield* wrong("it ends where the data does not")
  })

  const partAt = (slotIndex: number, index: number) =>
    Effect.gen(function* () {
      const slot = parts[slotIndex]
      const partCid = manifest.slots[slotIndex]?.parts[index]
      if (slot === undefined || partCid === undefined)
        return yield* new InvalidManifest({ cid, detail: `it has no part ${index} of a slot ${slotIndex}` })
      return yield* Effect.gen(function* () {
        if (Option.isSome(slot.current) && slot.current.value[0] === index) return slot.current.value[1]
        const part = yield* readPart(slotIndex, index, partCid)
        slot.current = Option.some([index, part])
        return part
      }).pipe(slot.lock.withPermit)
    })

  /** None: the source has failed. The stripes are those of one part. */
  const readSlot = (slotIndex: number, first: number, count: number) =>
    Effect.gen(function* () {
      const part = yield* partAt(slotIndex, Math.floor(first / partBlocksMax))
      const from = first % partBlocksMax
      const said = {
        blocks: part.blocks.slice(from, from + count),
        roots: part.roots.subarray(from * 32, (from + count) * 32),
      }
      const names = said.blocks.flatMap(Option.toArray)
      const found = names.length === 0 ? [] : yield* Stream.runCollect(trySource(names))
      if (found.length !== names.length)
        return yield* Effect.die(`a source of blocks answered ${found.length} of ${names.length}`)
      const each = found[Symbol.iterator]()
      const blocks = said.blocks.map((block) =>
        Option.isSome(block) ? filledUp(each.next().value?.bytes ?? zeros) : zeros,
      )
      return Option.some<SlotBytes>({ blocks, said: Option.some(said) })
    }).pipe(
      Effect.catchTag("SourceFailed", ({ cause }) => {
        if (lost.size === 0) firstLoss = messageOf(cause)
        const isNew = !lost.has(slotIndex)
        lost.add(slotIndex)
        const news = Effect.logInfo(
          `Slot ${slotIndex} of ${cid} cannot be had; it is coded from others. ${messageOf(cause)}`,
        )
        return Effect.as(Effect.when(news, Effect.succeed(isNew)), Option.none<SlotBytes>())
      }),
    )

  const readTogether = Effect.fnUntraced(function* (wanted: ReadonlyArray<number>, first: number, count: number) {
    const found = new Map<number, SlotBytes>()
    const tried = new Set<number>()
    const read = (slots: ReadonlyArray<number>) =>
      Effect.forEach(
        slots,
        (slotIndex) => {
          tried.add(slotIndex)
          return Effect.map(
            readSlot(slotIndex, first, count),
            Option.map((bytes) => found.set(slotIndex, bytes)),
          )
        },
        { concurrency: "unbounded", discard: true },
      )
    yield* read(wanted.filter((slotIndex) => !lost.has(slotIndex)))
    while (wanted.some((slotIndex) => !found.has(slotIndex)) && found.size < layout.data) {
      const untried = all.filter((slotIndex) => !tried.has(slotIndex))
      if (found.size + untried.length < layout.data)
        return yield* new TooFewSlots({ slotManifest: cid, needed: layout.data, found: found.size, detail: firstLoss })
      const likely = [...untried.filter((i) => !lost.has(i)), ...untried.filter((i) => lost.has(i))]
      yield* read(likely.slice(0, layout.data - found.size))
    }
    const missing = wanted.filter((slotIndex) => !found.has(slotIndex))
    const coded = yield* Effect.forEach(
      missing.length === 0 ? [] : Array.from({ length: count }, (_, i) => i),
      (i) =>
        Effect.orDie(
          code.reconstruct(
            all.map((slotIndex) => found.get(slotIndex)?.blocks[i]),
            layout.data,
            missing,
          ),
        ),
      { concurrency: stripesAtOnce },
    )
    return wanted.map(
      (slotIndex): SlotBytes =>
        found.get(slotIndex) ?? {
          blocks: coded.map((shards) => shards[missing.indexOf(slotIndex)] ?? zeros),
          said: Option.none(),
        },
    )
  })

  /**
   * `count` stripes from `first` on, of each of the wanted slots; all of one part. Where too few slots have all of them, stripe by
   * stripe, since other slots may have lost other blocks.
   */
  const stripes = (wanted: ReadonlyArray<number>, first: number, count: number) =>
    readTogether(wanted, first, count).pipe(
      Effect.catchTag("TooFewSlots", (tooFew) =>
        count === 1
          ? Effect.fail(tooFew)
          : Effect.map(
              Effect.forEach(
                Array.from({ length: count }, (_, i) => first + i),
                (stripe) => readTogether(wanted, stripe, 1),
              ),
              (single) => wanted.map((_, at) => joined(single.map((slots) => slots[at]))),
            ),
      ),
    )

  return { stripes }
}

/** Stripes of one slot that were read one by one; some of them may have been coded. */
const joined = (stripes: ReadonlyArray<SlotBytes | undefined>): SlotBytes => ({
  blocks: stripes.flatMap((stripe) => stripe?.blocks ?? []),
  said: Option.none(),
})
