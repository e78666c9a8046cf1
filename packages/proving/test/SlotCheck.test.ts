import { assert, describe, it } from "@effect/vitest"
import { StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { BlockStore } from "@pecia/datasets"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { bytesFrom, chunksOf, naiveRoot } from "@pecia/trees/testing"
import { Effect, Layer, Option } from "effect"
import { Prover, SlotCheck } from "../src/index.ts"
import { makeLeastRecent } from "../src/internal/leastRecent.ts"
import { withPart, withRoots, withSlots } from "./lies.ts"
import { hexFrom } from "./sampleData.ts"
import { laidOut, requestFor, storedRequest } from "./storedRequest.ts"
import { fileStore, lyingStore, StoredBytes, withDatasets } from "./stores.ts"

const lying = Layer.provideMerge(SlotCheck.layer(), withDatasets(lyingStore))
const files = Layer.provideMerge(SlotCheck.layer(), withDatasets(fileStore))

/** The same request about other content. */
const about = (request: StorageRequest, content: Partial<StorageContent>) =>
  new StorageRequest({ ...request, content: new StorageContent({ ...request.content, ...content }) })

/** Why a slot contradicts its request. */
const mismatch = Effect.fnUntraced(function* (request: StorageRequest, slotIndex = 0n) {
  const error = yield* Effect.flip((yield* SlotCheck).check(request, slotIndex))
  assert.strictEqual(error._tag, "SlotMismatch")
  return error.message
})

describe("the roots of slots that are laid out", () => {
  it.effect("are the naive roots of every third block, behind the data zeros", () =>
    Effect.gen(function* () {
      const data = bytesFrom("roots", 65_536 * 4 + 17) // 5 blocks over 3 slots of 2
      const request = yield* storedRequest(data, 3, 5)
      const block = (index: number) => chunksOf(data.subarray(index * 65_536, (index + 1) * 65_536), 65_536)
      const slots = [0, 1, 2].map((i) => naiveRoot([...block(i), ...block(i + 3)]))
      assert.strictEqual(request.ask.slotSize, 131_072n)
      assert.deepStrictEqual(Uint8Array.from(request.content.por.u), naiveRoot([...slots, new Uint8Array(32)]))
      for (const [i, root] of slots.entries()) {
        const { tree } = yield* (yield* SlotCheck).check(request, BigInt(i))
        assert.deepStrictEqual(Uint8Array.from(tree.root), root)
      }
    }).pipe(Effect.provide(lying)),
  )

  it.effect("of no data are those of zeros, of 64 KiB in each slot", () =>
    Effect.gen(function* () {
      const request = yield* storedRequest(new Uint8Array(), 2, 5)
      assert.strictEqual(request.ask.slotSize, 65_536n)
      assert.deepStrictEqual(
        Uint8Array.from(request.content.por.u),
        Uint8Array.from(DatasetTree.fromSlotRoots([SlotTree.zeroBlockRoot, SlotTree.zeroBlockRoot]).root),
      )
    }).pipe(Effect.provide(withDatasets(lyingStore))),
  )
})

describe("the check of a slot", () => {
  it.effect("passes what the client laid out, each slot of it, also one of zeros alone, also parity", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      for (const shape of [
        { data: 5, parity: 0 },
        { data: 3, parity: 2 },
      ]) {
        const request = yield* storedRequest(bytesFrom("check", 200_000), shape, 5)
        for (let slotIndex = 0n; slotIndex < 5n; slotIndex++) yield* check(request, slotIndex)
      }
    }).pipe(Effect.provide(files)),
  )

  it.effect("names the slot's blocks, and none where zeros stand behind the end", () =>
    Effect.gen(function* () {
      const store = yield* BlockStore
      const data = bytesFrom("blocks", 65_536 * 3 + 100) // 4 blocks over 3 slots of 2
      const { blockCid } = yield* (yield* SlotCheck).check(yield* storedRequest(data, 3, 5), 0n)
      const first = yield* store.get(Option.getOrThrow(blockCid(0)))
      const second = yield* store.get(Option.getOrThrow(blockCid(1)))
      assert.deepStrictEqual(
        [Buffer.from(first), Buffer.from(second)],
        [data.slice(0, 65_536), data.slice(-100)].map(Buffer.from),
      )
      const other = yield* (yield* SlotCheck).check(yield* storedRequest(data, 3, 5), 2n)
      assert.deepStrictEqual([0, 1, 2].map(other.blockCid).map(Option.isSome), [true, false, false])
    }).pipe(Effect.provide(files)),
  )

  it.effect("fails with what the store says when blocks are corrupt or missing, which may be mended", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      const store = yield* BlockStore
      const request = yield* storedRequest(bytesFrom("files", 200_000), 2, 5)
      yield* (yield* StoredBytes).alter
      assert.strictEqual((yield* Effect.flip(check(request, 0n)))._tag, "BlockCorrupt")
      for (const { volume } of yield* store.volumes) yield* store.drop(volume)
      assert.strictEqual((yield* Effect.flip(check(request, 0n)))._tag, "BlockNotFound")
    }).pipe(Effect.provide(files)),
  )

  it.effect("fails when the manifest's slot roots do not join to the request's root", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("join", 200_000), 2)
      const request = yield* requestFor(made, 5)
      const { cid } = yield* withRoots(made, [bytesFrom(1, 32), bytesFrom(2, 32)])
      assert.include(
        yield* mismatch(about(request, { cid: `${cid}` })),
        "The slot roots in its manifest do not join to its dataset root.",
      )
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails when the manifest's slot roots join, but are not those of its parts", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("own", 200_000), 2)
      const request = yield* requestFor(yield* withRoots(made, [bytesFrom(1, 32)]), 5)
      assert.include(yield* mismatch(request), "the parts of its slot 0 do not have its root")
      // and is not remembered as checked
      assert.strictEqual((yield* Effect.flip((yield* SlotCheck).recall(request, 0n)))._tag, "SlotMismatch")
      // of the other slot everything is true
      yield* (yield* SlotCheck).check(request, 1n)
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails when a part has other roots, fewer blocks, or is the other slot's", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("parts", 200_000), 2)
      const failure = Effect.fnUntraced(function* (lie: typeof made) {
        return yield* mismatch(yield* requestFor(lie, 5))
      })
      assert.include(
        yield* failure(yield* withPart(made, ({ blocks }) => ({ blocks, roots: bytesFrom("roots", 64) }))),
        "the parts of its slot 0 do not have its root",
      )
      assert.include(
        yield* failure(
          yield* withPart(made, ({ blocks, roots }) => ({ blocks: blocks.slice(1), roots: roots.slice(32) })),
        ),
        "it lists 1 blocks",
      )
      const [one = assert.fail(), other = assert.fail()] = made.manifest.slots
      assert.include(
        yield* failure(yield* withSlots(made, [{ ...one, parts: other.parts }, other])),
        "the parts of its slot 0 do not have its root",
      )
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails when blocks of data are said to be zeros, which nobody could prove", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("zeros", 200_000), 2)
      const lie = yield* withPart(made, ({ blocks, roots }) => ({ blocks: blocks.map(() => Option.none()), roots }))
      assert.strictEqual(
        yield* mismatch(yield* requestFor(lie, 5)),
        "Slot 0 contradicts its request. Its block 0 is said to be zeros, with a root that zeros do not have.",
      )
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails with sentences when slots, sizes or the scheme of the request do not fit its manifest", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("fit", 200_000), 2)
      const request = yield* requestFor(made, 5)
      const failure = (change: Partial<StorageRequest>, slotIndex = 0n) =>
        mismatch(new StorageRequest({ ...request, ...change }), slotIndex)
      const { ask } = request
      assert.strictEqual(yield* failure({}, 2n), "Slot 2 contradicts its request. There are 2 slots.")
      assert.strictEqual(yield* failure({}, -1n), "Slot -1 contradicts its request. There are 2 slots.")
      assert.include(
        yield* failure({ ask: { ...ask, slots: 3n } }),
        "It asks for 3 slots of 131072 bytes; its manifest has 2 of 131072.",
      )
      assert.include(yield* failure({ ask: { ...ask, slots: 2n ** 64n - 1n } }), "its manifest has 2 of 131072")
      assert.include(yield* failure({ ask: { ...ask, slotSize: 2n ** 255n } }), "its manifest has 2 of 131072")
      assert.include(yield* failure({ ask: { ...ask, slotSize: 1n } }), "is not a multiple of 65536")
      assert.include(
        yield* mismatch(about(request, { cid: "" })),
        'Slot 0 contradicts its request. Incorrect Cid: "" cannot be read as one.',
      )
      const { manifest } = made.manifest
      assert.include(yield* mismatch(about(request, { cid: `${manifest}` })), "is not a manifest that can be used")
    }).pipe(Effect.provide(lying)),
  )
})

describe("what was checked", () => {
  /** Counts what is read from the store. */
  const counted = Layer.effect(
    BlockStore,
    Effect.map(BlockStore, (store) =>
      BlockStore.of({
        ...store,
        get: (cid) =>
          Effect.andThen(
            Effect.sync(() => void reads++),
            store.get(cid),
          ),
      }),
    ),
  ).pipe(Layer.provideMerge(lyingStore))
  let reads = 0
  const readsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      reads = 0
      return Effect.map(effect, () => reads)
    })

  const proving = (memoryBytes: number) =>
    Prover.layer.pipe(Layer.provideMerge(SlotCheck.layer({ memoryBytes })), Layer.provideMerge(withDatasets(counted)))

  it.effect("is remembered: then a proof reads its sampled blocks and nothing else", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      const { prove } = yield* Prover
      const request = yield* storedRequest(bytesFrom("reads", 65_536 * 20), 2, 3)
      // of the slot its manifest and its one part, whose blocks are not read
      assert.strictEqual(yield* readsOf(check(request, 1n)), 2)
      assert.strictEqual(yield* readsOf(prove(request, 1n, hexFrom(1))), 3)
      assert.strictEqual(yield* readsOf(prove(request, 1n, hexFrom(2))), 3)
      assert.strictEqual(yield* readsOf(prove(request, 0n, hexFrom(2))), 2 + 3)
    }).pipe(Effect.provide(proving(2 ** 20))),
  )

  it.effect("is forgotten where there is no memory for it, and checked again", () =>
    Effect.gen(function* () {
      const { prove } = yield* Prover
      const request = yield* storedRequest(bytesFrom("reads", 65_536 * 20), 2, 3)
      for (const seed of [1, 2]) assert.strictEqual(yield* readsOf(prove(request, 1n, hexFrom(seed))), 2 + 3)
    }).pipe(Effect.provide(proving(0))),
  )

  it("takes no more memory than was given; what was not used for longest goes first", () => {
    const memory = makeLeastRecent<number>(10, (weight) => weight)
    memory.set("a", 4)
    memory.set("b", 3)
    memory.set("c", 3)
    assert.strictEqual(memory.get("a"), 4)
    memory.set("d", 5) // b and c have to go
    assert.deepStrictEqual(["a", "b", "c", "d"].map(memory.get), [4, undefined, undefined, 5])
    memory.set("d", 6) // in the place of the other d
    assert.deepStrictEqual(["a", "d"].map(memory.get), [4, 6])
    memory.set("e", 11) // is too much alone
    assert.deepStrictEqual(["a", "d", "e"].map(memory.get), [undefined, undefined, undefined])
  })
})
