import { assert, describe, it } from "@effect/vitest"
import { StorageAsk, StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { BlockStore, Datasets, Slots } from "@pecia/datasets"
import { MemoryChain } from "@pecia/market"
import { SlotStorage } from "@pecia/sales"
import { Context, Effect, Layer, Stream } from "effect"
import * as HostedSlots from "../src/HostedSlots.ts"
import { layerRetrieval } from "../src/Node.ts"
import { ReturnedSpace } from "../src/ReturnedSpace.ts"
import * as SlotProofs from "../src/SlotProofs.ts"
import { buildPlane } from "./MemoryNode.ts"
import { inWorld, newAccount, newOpenRequest, whileTimePasses } from "./MemoryWorld.ts"

const slotSize = 65_536n

/** A node with two blocks laid out over three slots, and a request for those. */
const laid = Effect.gen(function* () {
  yield* MemoryChain.use((chain) => chain.advanceTo(1_700_000_000n))
  const account = yield* newAccount(0n)
  const plane = yield* buildPlane({ account, roles: [] })
  const hosted = HostedSlots.layer.pipe(
    Layer.provide([SlotProofs.layer, ReturnedSpace.layer]),
    Layer.provide(layerRetrieval),
  )
  const built = yield* Layer.build(Layer.provide(hosted, Layer.succeedContext(plane)))
  const { cid } = yield* Context.get(plane, Datasets).upload(Stream.make(new Uint8Array(100_000).fill(7)))
  const { cid: layout } = yield* Context.get(plane, Slots).lay(cid, { data: 2, parity: 1 })
  const { request } = yield* newOpenRequest()
  const requestWith = (ask: { readonly slots?: bigint; readonly slotSize?: bigint }, name = `${layout}`) =>
    new StorageRequest({
      client: account,
      ask: new StorageAsk({
        slots: 3n,
        slotSize,
        duration: 100n,
        proofProbability: 1n,
        reward: 1n,
        maxSlotLoss: 1n,
        ...ask,
      }),
      content: new StorageContent({
        cid: name,
        erasure: { totalChunks: 2n },
        por: {
          u: new Uint8Array(32),
          publicKey: Uint8Array.of(5),
          name: new TextEncoder().encode("pecia-sha256-64-v1"),
        },
      }),
      expiry: request.expiry,
      nonce: request.nonce,
    })
  return { cid, requestWith, storage: Context.get(built, SlotStorage), store: Context.get(plane, BlockStore) }
})

describe("the data of a slot that a request asks for", () => {
  it.effect.each([{ slots: 4n }, { slotSize: 2n * slotSize }])(
    "is not fetched when its slot manifest has other slots than the request, %o: trying again does not help",
    (ask) =>
      Effect.gen(function* () {
        const { requestWith, storage, store } = yield* laid
        const before = yield* store.volumes
        const refused = yield* Effect.flip(storage.store(requestWith(ask), 0n))
        assert.isFalse(refused.isRetryable)
        assert.match(refused.detail, /The request asks for \d slots of \d+ bytes; its manifest \S+ has 3 of 65536\./)
        assert.deepStrictEqual(yield* store.volumes, before)
      }).pipe(inWorld),
  )

  it.effect("is not fetched when the request names something else, or nothing that can be read", () =>
    Effect.gen(function* () {
      const { cid, requestWith, storage } = yield* laid
      for (const name of [`${cid}`, "zzz"])
        assert.isFalse((yield* Effect.flip(storage.store(requestWith({}, name), 0n))).isRetryable, name)
    }).pipe(inWorld),
  )

  it.effect("may come later when nobody has its slot manifest now", () =>
    Effect.gen(function* () {
      const { requestWith, storage } = yield* laid
      const unknown = "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
      const refused = yield* whileTimePasses(Effect.flip(storage.store(requestWith({}, unknown), 0n)))
      assert.isTrue(refused.isRetryable)
    }).pipe(inWorld),
  )
})
