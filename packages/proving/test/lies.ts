import { type Block, BlockStore, type LaidOut, SlotManifest, SlotPart } from "@pecia/datasets"
import { Effect } from "effect"

const put = Effect.fnUntraced(function* (block: Block) {
  yield* (yield* BlockStore).put("lies", block)
  return block
})

/** Stores the manifest with other slots in it. */
export const withSlots = Effect.fnUntraced(function* ({ manifest }: LaidOut, slots: SlotManifest["slots"]) {
  const lie = { ...manifest, slots }
  return { cid: (yield* put(SlotManifest.encode(lie))).cid, manifest: lie } satisfies LaidOut
})

/** The same parts under other roots. */
export const withRoots = (laidOut: LaidOut, roots: ReadonlyArray<Uint8Array>) =>
  withSlots(
    laidOut,
    laidOut.manifest.slots.map((slot, i) => ({ ...slot, root: roots[i] ?? slot.root })),
  )

/** The same roots, of which the first slot has one part, changed. */
export const withPart = Effect.fnUntraced(function* (laidOut: LaidOut, change: (part: SlotPart) => SlotPart) {
  const [first, ...others] = laidOut.manifest.slots
  const cid = first?.parts[0]
  if (first === undefined || cid === undefined) return yield* Effect.die("there is no part")
  const part = yield* Effect.fromResult(SlotPart.decode({ cid, bytes: yield* (yield* BlockStore).get(cid) }))
  const { cid: other } = yield* put(SlotPart.encode(change(part)))
  return yield* withSlots(laidOut, [{ ...first, parts: [other] }, ...others])
})
