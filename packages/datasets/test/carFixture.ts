import { assert } from "@effect/vitest"
import { CarReader } from "@ipld/car/reader"
import { CarWriter } from "@ipld/car/writer"
import { Effect, Stream } from "effect"
import { type Block, BlockSource, type Cid, DatasetCar } from "../src/index.ts"
import { collect, type Node, node } from "./slotsFixture.ts"

export const uploaded = Effect.fnUntraced(function* (bytes: Uint8Array, about = {}) {
  const client = yield* node()
  const dataset = yield* client.datasets.upload(Stream.succeed(bytes), about)
  const source = BlockSource.fromStore(client.store)
  const car = yield* collect(DatasetCar.write(dataset.cid, source))
  return { ...dataset, client, car, source }
})

/** The archive that other tools write. */
export const archive = (roots: ReadonlyArray<Cid>, blocks: ReadonlyArray<Block>) =>
  Effect.promise(async () => {
    const { out, writer } = CarWriter.create([...roots])
    const pieces: Array<Uint8Array> = []
    const reading = (async () => {
      for await (const piece of out) pieces.push(piece)
    })()
    for (const block of blocks) await writer.put(block)
    await writer.close()
    await reading
    return Buffer.concat(pieces)
  })

export const blocksIn = (car: Uint8Array) =>
  Effect.promise(async () => {
    const reader = await CarReader.fromBytes(car)
    const blocks: Array<Block> = []
    for await (const block of reader.blocks()) blocks.push(block)
    return { roots: await reader.getRoots(), blocks }
  })

/** In pieces of this many bytes. */
export const cut = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  )

export const imported = ({ datasets }: Node, car: Uint8Array, pieceBytes = 100_000) =>
  datasets.importCar(cut(car, pieceBytes))

export const assertEmpty = Effect.fnUntraced(function* ({ space, store }: Node) {
  assert.deepStrictEqual(yield* store.volumes, [])
  yield* space.hold("probe", 2n ** 30n)
  yield* space.giveBack("probe")
})
