import { assert, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { hexlify, keccak256 } from "ethers"
import { StorageAsk, StorageContent, StoragePor, StorageRequest, slotId } from "../src/index.ts"
import { coder, ethersEncode, requestType } from "./judge.ts"

it.effect.prop("every request is encoded as ethers does it, and read back", [StorageRequest], ([request]) =>
  Effect.gen(function* () {
    const bytes = StorageRequest.encode(request)
    assert.strictEqual(hexlify(bytes), ethersEncode(request))
    assert.strictEqual(StorageRequest.id(request), keccak256(bytes))
    assert.deepStrictEqual(yield* Effect.fromResult(StorageRequest.decode(bytes)), request)
    const tuple: unknown = coder.decode([requestType], hexlify(bytes))[0]
    assert.deepStrictEqual(yield* Effect.fromResult(StorageRequest.fromAbi(tuple)), request)
  }),
)

it.effect.prop("requests that differ in any member have different ids", [StorageRequest, StorageRequest], ([a, b]) =>
  Effect.sync(() => {
    const por = (name: "u" | "publicKey" | "name") =>
      new StorageContent({ ...a.content, por: new StoragePor({ ...a.content.por, [name]: b.content.por[name] }) })
    const ask = (name: keyof StorageAsk) => new StorageAsk({ ...a.ask, [name]: b.ask[name] })
    const { cid, erasure } = b.content
    const relatives = [
      b,
      new StorageRequest({ ...a, client: b.client }),
      ...(["slots", "slotSize", "duration", "proofProbability", "reward", "maxSlotLoss"] as const).map(
        (name) => new StorageRequest({ ...a, ask: ask(name) }),
      ),
      new StorageRequest({ ...a, content: new StorageContent({ ...a.content, cid }) }),
      new StorageRequest({ ...a, content: new StorageContent({ ...a.content, erasure }) }),
      ...(["u", "publicKey", "name"] as const).map((name) => new StorageRequest({ ...a, content: por(name) })),
      new StorageRequest({ ...a, expiry: b.expiry }),
      new StorageRequest({ ...a, nonce: b.nonce }),
    ]
    const equal = Schema.toEquivalence(StorageRequest)
    for (const relative of relatives) {
      assert.strictEqual(StorageRequest.id(relative) === StorageRequest.id(a), equal(relative, a))
    }
  }),
)

it.effect.prop(
  "no other bytes are read as the same request",
  [StorageRequest, Schema.Int, Schema.Int],
  ([request, at, by]) =>
    Effect.sync(() => {
      const bytes = StorageRequest.encode(request)
      const position = Math.abs(at) % bytes.length
      assert.isTrue(Result.isFailure(StorageRequest.decode(bytes.subarray(0, position))))
      const changed = Uint8Array.from(bytes)
      changed[position] = (changed[position] ?? 0) ^ (1 + (Math.abs(by) % 255))
      const read = StorageRequest.decode(changed)
      if (Result.isSuccess(read)) assert.deepStrictEqual(StorageRequest.encode(read.success), changed)
    }),
)

it.effect.prop(
  "foreign bytes and tuples are refused, never thrown at",
  [Schema.Uint8Array, Schema.Unknown],
  ([bytes, tuple]) =>
    Effect.sync(() => {
      assert.isTrue(Result.isFailure(StorageRequest.decode(bytes)))
      assert.isTrue(Result.isFailure(StorageRequest.fromAbi(tuple)))
    }),
)

it.effect.prop(
  "a slot id is taken of the request id and the index",
  [StorageRequest, StorageRequest.fields.expiry],
  ([request, index]) =>
    Effect.sync(() => {
      const requestId = StorageRequest.id(request)
      const encoded = coder.encode(["bytes32", "uint256"], [requestId, index])
      assert.strictEqual(slotId(requestId, index), keccak256(encoded))
    }),
)
