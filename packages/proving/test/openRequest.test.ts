import { assert, describe, it } from "@effect/vitest"
import { ContentHash, OpenRequest } from "@pecia/contracts-abi"
import { Block, BlockStore, Datasets, SlotContent, SlotManifest } from "@pecia/datasets"
import { SlotTree } from "@pecia/trees"
import { bytesFrom } from "@pecia/trees/testing"
import { Effect, Layer, Result, Stream } from "effect"
import { SlotCheck } from "../src/index.ts"
import { withRoots } from "./lies.ts"
import { openRequestFor, storedOpenRequests } from "./storedOpenRequests.ts"
import { laidOut } from "./storedRequest.ts"
import { fileStore, lyingStore, StoredBytes, withDatasets } from "./stores.ts"

const lying = Layer.provideMerge(SlotCheck.layer(), withDatasets(lyingStore))
const files = Layer.provideMerge(SlotCheck.layer(), withDatasets(fileStore))

/** The root of the slot that was checked. */
const rootOf = Effect.fnUntraced(function* (request: OpenRequest) {
  return (yield* (yield* SlotCheck).checkOpen(request)).tree.root
})

/** Why the slot does not fit its request. */
const mismatch = Effect.fnUntraced(function* (request: OpenRequest | undefined) {
  if (request === undefined) return assert.fail("no request")
  const error = yield* Effect.flip((yield* SlotCheck).checkOpen(request))
  assert.strictEqual(error._tag, "SlotMismatch")
  return error.message
})

const about = (request: OpenRequest, block: Block) =>
  new OpenRequest({ ...request, contentHash: ContentHash.fromBytes(block.cid.multihash.digest) })

/** The manifest in the content of a request's slot. */
const contentIn = Effect.fnUntraced(function* ({ contentHash }: OpenRequest) {
  const cid = SlotContent.cid(ContentHash.toBytes(contentHash))
  return yield* Effect.fromResult(SlotContent.decode({ cid, bytes: yield* (yield* BlockStore).get(cid) }))
})

/** Puts a block where the check finds it. */
const put = Effect.fnUntraced(function* (block: Block) {
  const datasets = yield* Datasets
  yield* datasets.upload(Stream.succeed(block.bytes))
  return block
})

describe("the check of the slot of an open request", () => {
  it.effect("passes what the client laid out, each slot of it, also those of zeros, which are equal", () =>
    Effect.gen(function* () {
      const data = bytesFrom("check", 200_000)
      const requests = yield* storedOpenRequests(data, 6)
      assert.strictEqual(requests[4]?.contentHash, requests[5]?.contentHash)
      const roots = yield* Effect.forEach(requests, rootOf)
      assert.deepStrictEqual(
        roots,
        requests.map((_, index) => SlotTree.blockRoot(data.subarray(index * 65_536, (index + 1) * 65_536))),
      )
    }).pipe(Effect.provide(files)),
  )

  it.effect("fails with SlotMismatch when the parts do not have the slot root", () =>
    Effect.gen(function* () {
      const made = yield* laidOut(bytesFrom("altered", 200_000), 2)
      const slotRoot = bytesFrom("another", 32)
      const { cid, manifest } = yield* withRoots(made, [slotRoot])
      const lie = yield* put(SlotContent.encode({ manifest: cid, slotRoot }))
      const request = openRequestFor(lie.cid.multihash.digest, manifest.slotSizeBytes)
      const sentence = "the parts of its slot 0 do not have its root"
      assert.include(yield* mismatch(request), sentence)
      // and is not remembered as checked
      const error = yield* Effect.flip((yield* SlotCheck).recallOpen(request))
      assert.include(error.message, sentence)
    }).pipe(Effect.provide(lying)),
  )

  it.effect("fails with what the store says when blocks are corrupt or missing, which may be mended", () =>
    Effect.gen(function* () {
      const { checkOpen } = yield* SlotCheck
      const store = yield* BlockStore
      const [request = assert.fail()] = yield* storedOpenRequests(bytesFrom("files", 200_000), 2)
      yield* (yield* StoredBytes).alter
      assert.strictEqual((yield* Effect.flip(checkOpen(request)))._tag, "BlockCorrupt")
      for (const { volume } of yield* store.volumes) yield* store.drop(volume)
      assert.strictEqual((yield* Effect.flip(checkOpen(request)))._tag, "BlockNotFound")
    }).pipe(Effect.provide(files)),
  )

  it.effect("fails with sentences when the size, the content or the manifest do not fit", () =>
    Effect.gen(function* () {
      const [request = assert.fail()] = yield* storedOpenRequests(bytesFrom("fit", 200_000), 2)
      const { manifest } = yield* contentIn(request)
      const sized = (size: bigint) => mismatch(new OpenRequest({ ...request, size }))
      assert.strictEqual(
        yield* sized(65_536n),
        "The data contradicts its request. It is about 65536 bytes; the slots of its manifest have 131072.",
      )
      assert.include(yield* sized(1n), "is not a multiple of 65536")
      assert.include(yield* sized(0n), "is not a multiple of 65536")

      const short = yield* put(Result.getOrThrow(Block.data(bytesFrom("short", 63))))
      assert.include(yield* mismatch(about(request, short)), "it has 63 bytes, not 64")
      const other = yield* put(SlotContent.encode({ manifest, slotRoot: bytesFrom("no slot", 32) }))
      assert.include(yield* mismatch(about(request, other)), "None of the slots in its manifest has its slot root.")
      const bytes = yield* (yield* BlockStore).get(manifest)
      const { manifest: dataset } = yield* Effect.fromResult(SlotManifest.decode({ cid: manifest, bytes }))
      const notOfSlots = yield* put(SlotContent.encode({ manifest: dataset, slotRoot: bytesFrom("no slot", 32) }))
      assert.include(yield* mismatch(about(request, notOfSlots)), "is not a manifest that can be used")
    }).pipe(Effect.provide(lying)),
  )

  it.effect("is remembered, for all requests about the same data", () =>
    Effect.gen(function* () {
      const { checkOpen, recallOpen } = yield* SlotCheck
      const store = yield* BlockStore
      const [request = assert.fail()] = yield* storedOpenRequests(bytesFrom("memory", 200_000), 2)
      const checked = yield* checkOpen(request)
      for (const { volume } of yield* store.volumes) yield* store.drop(volume)
      assert.strictEqual(yield* recallOpen(new OpenRequest({ ...request, duration: 1n })), checked)
      const sized = new OpenRequest({ ...request, size: 65_536n })
      assert.strictEqual((yield* Effect.flip(recallOpen(sized)))._tag, "BlockNotFound")
    }).pipe(Effect.provide(lying)),
  )
})
