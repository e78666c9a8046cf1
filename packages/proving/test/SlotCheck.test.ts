import { assert, describe, it } from "@effect/vitest"
import { StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { BlockStore, Datasets, parseCid } from "@pecia/datasets"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { bytesFrom, chunksOf, naiveRoot } from "@pecia/trees/testing"
import { Effect, Layer, Result } from "effect"
import { ProofScheme, Prover, SlotCheck, SlotRoots } from "../src/index.ts"
import { makeLeastRecent } from "../src/internal/leastRecent.ts"
import { hexFrom } from "./sampleData.ts"
import { storedRequest } from "./storedRequest.ts"
import { fileStore, lyingStore, StoredBytes, withDatasets } from "./stores.ts"

const lying = Layer.provideMerge(SlotCheck.layer(), withDatasets(lyingStore))
const files = Layer.provideMerge(SlotCheck.layer(), withDatasets(fileStore))

/** The same request about other content. */
const about = (request: StorageRequest, content: Partial<StorageContent>) =>
  new StorageRequest({ ...request, content: new StorageContent({ ...request.content, ...content }) })

/** Lays the request's dataset out again, with slot roots of one's own making. */
const layOutAgain = Effect.fnUntraced(function* (request: StorageRequest, slotRoots: ReadonlyArray<Uint8Array>) {
  const datasets = yield* Datasets
  const manifest = yield* datasets.slotManifest(Result.getOrThrow(parseCid(request.content.cid)))
  return `${yield* datasets.layOut(manifest.manifest, request.ask.slotSize, slotRoots)}`
})

describe("slot roots", () => {
  it.effect("are the naive roots of the slots, behind the data zeros", () =>
    Effect.gen(function* () {
      const data = bytesFrom("roots", 65_536 * 4 + 17) // 5 blocks over 3 slots of 2
      const request = yield* storedRequest(data, 3, 5)
      const slots = [0, 1, 2].map((i) => naiveRoot(chunksOf(data.subarray(i * 131_072, (i + 1) * 131_072), 131_072)))
      assert.strictEqual(request.ask.slotSize, 131_072n)
      assert.deepStrictEqual(Uint8Array.from(request.content.por.u), naiveRoot([...slots, new Uint8Array(32)]))
    }).pipe(Effect.provide(withDatasets(lyingStore))),
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

  it.effect("cannot be computed for no slots, or of a dataset that is not here", () =>
    Effect.gen(function* () {
      const datasets = yield* Datasets
      const request = yield* storedRequest(bytesFrom("here", 100), 1, 5)
      const { manifest } = yield* datasets.slotManifest(Result.getOrThrow(parseCid(request.content.cid)))
      assert.strictEqual((yield* Effect.flip(SlotRoots.compute(manifest, 0)))._tag, "InvalidSlotLayout")
      yield* datasets.remove(manifest)
      assert.strictEqual((yield* Effect.flip(SlotRoots.compute(manifest, 1)))._tag, "BlockNotFound")
    }).pipe(Effect.provide(withDatasets(lyingStore))),
  )
})

describe("the check of a slot", () => {
  it.effect("passes what the client laid out, each slot of it, also one of zeros alone", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      const request = yield* storedRequest(bytesFrom("check", 200_000), 5, 5)
      for (let slotIndex = 0n; slotIndex < 5n; slotIndex++) yield* check(request, slotIndex)
    }).pipe(Effect.provide(files)),
  )

  it.effect("fails with SlotMismatch when the bytes do not have the slot root", () =>
    Effect.gen(function* () {
      const { check, recall } = yield* SlotCheck
      const request = yield* storedRequest(bytesFrom("altered", 200_000), 2, 5)
      yield* (yield* StoredBytes).alter
      const error = yield* Effect.flip(check(request, 1n))
      assert.strictEqual(error._tag, "SlotMismatch")
      assert.strictEqual(
        error.message,
        "Slot 1 contradicts its request. The data does not have the slot root that its manifest says.",
      )
      // and is not remembered as checked
      assert.strictEqual((yield* Effect.flip(recall(request, 1n)))._tag, "SlotMismatch")
    }).pipe(Effect.provide(lying)),
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
      const { check } = yield* SlotCheck
      const request = yield* storedRequest(bytesFrom("join", 200_000), 2, 5)
      const cid = yield* layOutAgain(request, [bytesFrom(1, 32), bytesFrom(2, 32)])
      const error = yield* Effect.flip(check(about(request, { cid }), 0n))
      assert.include(error.message, "The slot roots in its manifest do not join to its dataset root.")
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails when the manifest's slot roots join, but are not those of the data", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      const request = yield* storedRequest(bytesFrom("own", 200_000), 2, 5)
      const slotRoots = [bytesFrom(1, 32), bytesFrom(2, 32)]
      const cid = yield* layOutAgain(request, slotRoots)
      const por = yield* Effect.fromResult(
        ProofScheme.encode({ root: DatasetTree.fromSlotRoots(slotRoots).root, samples: 5 }),
      )
      const error = yield* Effect.flip(check(about(request, { cid, por }), 0n))
      assert.include(error.message, "The data does not have the slot root that its manifest says.")
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails with sentences when slots, sizes or the scheme of the request do not fit its manifest", () =>
    Effect.gen(function* () {
      const { check } = yield* SlotCheck
      const request = yield* storedRequest(bytesFrom("fit", 200_000), 2, 5)
      const failure = (change: Partial<StorageRequest>, slotIndex = 0n) =>
        Effect.map(
          Effect.flip(check(new StorageRequest({ ...request, ...change }), slotIndex)),
          ({ message }) => message,
        )
      const { ask, content } = request
      assert.strictEqual(yield* failure({}, 2n), "Slot 2 contradicts its request. There are 2 slots.")
      assert.include(
        yield* failure({ ask: { ...ask, slots: 3n } }),
        "It asks for 3 slots of 131072 bytes; its manifest has 2 of 131072.",
      )
      assert.include(yield* failure({ ask: { ...ask, slots: 2n ** 64n - 1n } }), "its manifest has 2 of 131072")
      assert.include(yield* failure({ ask: { ...ask, slotSize: 2n ** 255n } }), "its manifest has 2 of 131072")
      assert.include(yield* failure({ ask: { ...ask, slotSize: 1n } }), "is not a multiple of 65536")
      assert.include(
        yield* failure({ content: new StorageContent({ ...content, cid: "" }) }),
        'Slot 0 contradicts its request. Incorrect Cid: "" cannot be read as one.',
      )
      const { manifest } = yield* (yield* Datasets).slotManifest(Result.getOrThrow(parseCid(content.cid)))
      assert.include(
        yield* failure({ content: new StorageContent({ ...content, cid: `${manifest}` }) }),
        "is not a manifest that can be used",
      )
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
      assert.isAtLeast(yield* readsOf(check(request, 1n)), 10)
      assert.strictEqual(yield* readsOf(prove(request, 1n, hexFrom(1))), 3)
      assert.strictEqual(yield* readsOf(prove(request, 1n, hexFrom(2))), 3)
      assert.isAtLeast(yield* readsOf(prove(request, 0n, hexFrom(2))), 13)
    }).pipe(Effect.provide(proving(2 ** 20))),
  )

  it.effect("is forgotten where there is no memory for it, and checked again", () =>
    Effect.gen(function* () {
      const { prove } = yield* Prover
      const request = yield* storedRequest(bytesFrom("reads", 65_536 * 20), 2, 3)
      for (const seed of [1, 2]) assert.isAtLeast(yield* readsOf(prove(request, 1n, hexFrom(seed))), 13)
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
