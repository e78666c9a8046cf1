import { Effect, Stream } from "effect"
import type { Block } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"
import { type FileStep, FileTree } from "../FileTree.ts"
import type { Manifest } from "../Manifest.ts"
import { checkLength } from "./checkLength.ts"

/** Blocks that are asked for together, and how many such requests are under way: 8 MiB. */
const window = 64
const windowsAtOnce = 2

const leavesOf = (steps: ReadonlyArray<FileStep>) => steps.flatMap((step) => (step._tag === "Leaf" ? [step.cid] : []))

/** Reads the data blocks among these steps, of which the first is the file's block `first`. */
const readSteps = Effect.fnUntraced(function* <E, R>(
  manifest: Manifest,
  source: BlockSource<E, R>,
  first: number,
  steps: ReadonlyArray<FileStep>,
) {
  const names = leavesOf(steps)
  const found = names.length === 0 ? [] : yield* Stream.runCollect(source(names))
  if (found.length !== names.length)
    return yield* Effect.die(`a source of blocks answered ${found.length} of ${names.length}`)
  for (const [i, block] of found.entries()) yield* checkLength(manifest, first + i, block.bytes.length)
  const each = found[Symbol.iterator]()
  return steps.flatMap((step): ReadonlyArray<Block> => {
    if (step._tag === "Node") return [step.block]
    const next = each.next()
    return next.done === true ? [] : [next.value]
  })
})

/** All blocks of a file, nodes before what stands below them. Those of data are as long as their places take. */
export const fileBlocks = <E, R>(manifest: Manifest, source: BlockSource<E, R>) =>
  FileTree.walk(manifest.content, manifest.sizeBytes, (node) => source([node])).pipe(
    Stream.grouped(window),
    Stream.mapAccum(
      () => 0,
      (first, steps) => [first + leavesOf(steps).length, [{ first, steps }]] as const,
    ),
    Stream.mapEffect(({ first, steps }) => readSteps(manifest, source, first, steps), { concurrency: windowsAtOnce }),
    Stream.flatMap(Stream.fromIterable),
  )
