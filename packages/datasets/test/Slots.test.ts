import { assert, describe, it } from "@effect/vitest"
import { SlotTree } from "@pecia/trees"
import { Effect, Option, Result, Stream } from "effect"
import { Block, type Cid, SlotManifest, SlotView } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { blocksOf, choices, collect, laidOut, type Node, node, partsOf, sourceOf } from "./slotsFixture.ts"

/** Hosts that have one slot each, but for one that is empty. */
const hostsOf = Effect.fnUntraced(function* (client: Node, cid: Cid, manifest: SlotManifest, except: number) {
  return yield* Effect.forEach(manifest.slots, (_, i) =>
    Effect.gen(function* () {
      const host = yield* node()
      yield* host.space.hold(`slot ${i}`, manifest.slotSizeBytes)
      if (i !== except) yield* host.slots.store(`slot ${i}`, cid, i, sourceOf([client.store]))
      return host
    }),
  )
})

const lostAmong = (names: ReadonlyArray<ReadonlyArray<Cid>>, lost: ReadonlyArray<number>) => {
  const gone = new Set(lost.flatMap((i) => (names[i] ?? []).map(String)))
  return (cid: Cid) => gone.has(String(cid))
}

describe("the slots of a dataset", () => {
  for (let data = 1; data <= 6; data++)
    it.effect(`of ${data} of data and up to 4 of parity give it back whichever are lost, one block a slot`, () =>
      Effect.gen(function* () {
        for (let parity = 0; parity <= 4; parity++) {
          const bytes = bytesOf(65_536 * data - 1234)
          const { cid, client, manifest } = yield* laidOut(bytes, { data, parity })
          assert.strictEqual(manifest.slotSizeBytes, 65_536n)
          const names = yield* blocksOf(client, manifest)
          // Of one slot of data all parity is equal, so that losing a block is losing it everywhere: there each slot has its own store.
          const hosts = data === 1 ? yield* hostsOf(client, cid, manifest, -1) : []
          const without = (lost: ReadonlyArray<number>) =>
            data === 1
              ? sourceOf(hosts.filter((_, i) => !lost.includes(i)).map(({ store }) => store))
              : sourceOf([client.store], lostAmong(names, lost))
          for (let count = 0; count <= parity; count++)
            for (const lost of choices(data + parity, count)) {
              const read = yield* collect(client.slots.read(cid, without(lost)))
              assert.strictEqual(Buffer.compare(read, bytes), 0, `without ${lost} of ${data} + ${parity}`)
            }
        }
      }).pipe(Effect.scoped),
    )

  it.effect("are too few where one more is lost than there is parity, and the error says so", () =>
    Effect.gen(function* () {
      const { cid, client, manifest } = yield* laidOut(bytesOf(65_536 * 7), { data: 3, parity: 2 })
      const names = yield* blocksOf(client, manifest)
      for (const lost of choices(5, 3)) {
        const source = sourceOf([client.store], lostAmong(names, lost))
        const error = yield* Effect.flip(collect(client.slots.read(cid, source)))
        if (error._tag !== "TooFewSlots") return assert.fail(error.message)
        assert.strictEqual(error.needed, 3)
        assert.isBelow(error.found, 3)
        assert.include(error.message, "is not stored here")
      }
    }).pipe(Effect.scoped),
  )

  it.effect("give the data back if each stripe has enough blocks left, though no slot is whole", () =>
    Effect.gen(function* () {
      const bytes = bytesOf(65_536 * 40 - 9)
      const { cid, client, manifest } = yield* laidOut(bytes, { data: 4, parity: 2 })
      const names = yield* blocksOf(client, manifest)
      // Of stripe i, slots i and i + 1 have lost their blocks.
      const gone = new Set(
        names.flatMap((blocks, slot) => blocks.filter((_, stripe) => (slot - stripe + 60) % 6 < 2).map(String)),
      )
      const source = sourceOf([client.store], (cid) => gone.has(String(cid)))
      assert.strictEqual(Buffer.compare(yield* collect(client.slots.read(cid, source)), bytes), 0)
      const host = yield* node()
      yield* host.space.hold("slot", manifest.slotSizeBytes)
      yield* host.slots.store("slot", cid, 3, source)
    }).pipe(Effect.scoped),
  )

  for (const lost of [0, 1, 2, 3, 4])
    it.effect(
      `are stored one by one elsewhere, and number ${lost} is made anew from the others when the client is gone`,
      () =>
        Effect.gen(function* () {
          const bytes = bytesOf(65_536 * 9 + 1)
          const { cid, client, manifest } = yield* laidOut(bytes, { data: 3, parity: 2 })
          const hosts = yield* hostsOf(client, cid, manifest, lost)
          const host = hosts[lost]
          if (host === undefined) return assert.fail("there is no host")
          const network = sourceOf(hosts.map(({ store }) => store))
          yield* host.slots.store(`slot ${lost}`, cid, lost, network)
          // What is here now is all that the client would have sent: the parts are the same, and so are the blocks.
          const names = (yield* blocksOf(client, manifest))[lost] ?? []
          for (const name of names)
            assert.deepStrictEqual(Buffer.from(yield* host.store.get(name)), Buffer.from(yield* client.store.get(name)))
          const view = yield* SlotView.read(cid, manifest, lost, sourceOf([host.store]))
          assert.deepStrictEqual(view.blocks.flatMap(Option.toArray).map(String), names.map(String))
          assert.deepStrictEqual(Buffer.from(view.tree.root), Buffer.from(manifest.slots[lost]?.root ?? []))
          assert.strictEqual(Buffer.compare(yield* collect(host.slots.read(cid, network)), bytes), 0)
          // No more is booked than was held, and the volume has nothing else.
          const [volume] = yield* host.store.volumes
          const sizes = yield* Effect.forEach(names, (name) =>
            Effect.map(host.store.get(name), ({ length }) => BigInt(length)),
          )
          assert.strictEqual(
            volume?.dataBytes,
            sizes.reduce((sum, size) => sum + size, 0n),
          )
        }).pipe(Effect.scoped),
    )

  it.effect("have trees over their blocks, filled up with zeros, and parts that say so", () =>
    Effect.gen(function* () {
      const { client, manifest } = yield* laidOut(bytesOf(65_536 * 4 + 100), { data: 3, parity: 1 })
      for (const [i, slot] of (yield* partsOf(client, manifest)).entries()) {
        const roots = yield* Effect.forEach(
          slot.flatMap(({ blocks }) => blocks),
          (name) =>
            Option.isSome(name)
              ? Effect.map(client.store.get(name.value), SlotTree.blockRoot)
              : Effect.succeed(SlotTree.zeroBlockRoot),
        )
        assert.deepStrictEqual(Buffer.concat(slot.map((part) => part.roots)), Buffer.concat(roots))
        assert.deepStrictEqual(
          Buffer.from(SlotTree.fromBlockRoots(Buffer.concat(roots)).root),
          Buffer.from(manifest.slots[i]?.root ?? []),
        )
      }
    }).pipe(Effect.scoped),
  )

  for (const [what, bytes, data, parity] of [
    ["a file of no bytes", new Uint8Array(), 1, 0],
    ["a file of no bytes, with parity", new Uint8Array(), 3, 2],
    ["a file of zeros, whose slots are all equal", new Uint8Array(65_536 * 8), 4, 2],
    ["copies: one slot of data, three of parity", bytesOf(100_000), 1, 3],
    ["a slot behind the end of the file", bytesOf(65_536), 4, 2],
  ] as const)
    it.effect(`can be of ${what}`, () =>
      Effect.gen(function* () {
        const { cid, client, manifest } = yield* laidOut(bytes, { data, parity })
        for (const [i] of manifest.slots.entries()) {
          const hosts = yield* hostsOf(client, cid, manifest, i)
          const host = hosts[i]
          if (host === undefined) return assert.fail("there is no host")
          const network = sourceOf([...hosts.map(({ store }) => store), ...(parity === 0 ? [client.store] : [])])
          yield* host.slots.store(`slot ${i}`, cid, i, network)
          assert.strictEqual(Buffer.compare(yield* collect(host.slots.read(cid, network)), bytes), 0)
        }
      }).pipe(Effect.scoped),
    )

  it.effect("go on where they left off: no block is fetched twice", () =>
    Effect.gen(function* () {
      const { cid, client, manifest } = yield* laidOut(bytesOf(65_536 * 300), { data: 2, parity: 1 })
      const host = yield* node()
      yield* host.space.hold("slot", manifest.slotSizeBytes)
      const fetched: Array<string> = []
      const source = (limit: number) => (cids: ReadonlyArray<Cid>) =>
        Stream.fromIterable(cids).pipe(
          Stream.mapEffect(
            Effect.fnUntraced(function* (cid) {
              const here = yield* Effect.option(host.store.get(cid))
              if (Option.isSome(here)) return { cid, bytes: here.value }
              if (fetched.length >= limit) return yield* Effect.interrupt
              fetched.push(String(cid))
              return { cid, bytes: yield* client.store.get(cid) }
            }),
          ),
        )
      yield* Effect.exit(host.slots.store("slot", cid, 1, source(110)))
      const [half] = yield* host.store.volumes
      assert.isAbove(half?.blocks ?? 0, 60)
      yield* host.slots.store("slot", cid, 1, source(1000))
      const data = fetched.filter((name) => name.startsWith("bafkrei"))
      // The window that was interrupted is fetched again, the one before is not.
      assert.isBelow(data.length, 150 + 64)
      assert.strictEqual(new Set(data).size, 150)
    }).pipe(Effect.scoped),
  )

  it.effect("that are laid again are the same, and what was made for them stays", () =>
    Effect.gen(function* () {
      const { cid, client, dataset } = yield* laidOut(bytesOf(65_536 * 5), { data: 2, parity: 2 })
      const contents = yield* client.slots.contentsOf(cid)
      const before = yield* client.store.volumes
      const again = yield* client.slots.lay(dataset, { data: 2, parity: 2 })
      assert.strictEqual(String(again.cid), String(cid))
      assert.deepStrictEqual(yield* client.store.volumes, before)
      assert.deepStrictEqual(yield* Effect.forEach(contents, client.store.has), [true, true, true, true])
      yield* client.slots.drop(cid)
      yield* client.slots.drop(cid)
      assert.isFalse(yield* client.store.has(cid))
      assert.strictEqual((yield* client.store.volumes).length, 1)
    }).pipe(Effect.scoped),
  )

  it.effect("are not laid in a shape that cannot be, nor of what is no dataset here", () =>
    Effect.gen(function* () {
      const { cid, client, dataset } = yield* laidOut(bytesOf(100), { data: 1, parity: 0 })
      for (const [data, parity] of [
        [0, 0],
        [1, -1],
        [200, 56],
        [1.5, 1],
        [256, 0],
      ] as const)
        assert.strictEqual((yield* Effect.flip(client.slots.lay(dataset, { data, parity })))._tag, "InvalidSlotLayout")
      assert.strictEqual((yield* Effect.flip(client.slots.lay(cid, { data: 1, parity: 0 })))._tag, "InvalidManifest")
      yield* client.datasets.remove(dataset)
      const shape = { data: 1, parity: 1 }
      assert.strictEqual((yield* Effect.flip(client.slots.lay(dataset, shape)))._tag, "BlockNotFound")
      assert.strictEqual((yield* client.store.volumes).length, 1)
    }).pipe(Effect.scoped),
  )

  it("have a manifest whose block is what `lay` answered", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { cid, client, manifest } = yield* laidOut(bytesOf(65_536 * 3), { data: 2, parity: 1 })
        const bytes = yield* client.store.get(cid)
        assert.deepStrictEqual(Result.getOrThrow(SlotManifest.decode({ cid, bytes })), manifest)
        assert.isTrue(Result.isSuccess(Block.verify(cid, bytes)))
      }).pipe(Effect.scoped),
    ))
})
