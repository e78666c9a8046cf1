import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { hexlify, keccak256 } from "ethers"
import { StorageRequest } from "../src/index.ts"
import { abi, ethersEncode, requestType } from "./judge.ts"

it.effect.prop("every request is encoded as ethers does it, and read back", [StorageRequest], ([request]) =>
  Effect.gen(function* () {
    const bytes = StorageRequest.encode(request)
    assert.strictEqual(hexlify(bytes), ethersEncode(request))
    assert.strictEqual(StorageRequest.id(request), keccak256(bytes))
    assert.deepStrictEqual(yield* Effect.fromResult(StorageRequest.decode(bytes)), request)
    assert.deepStrictEqual(
      yield* Effect.fromResult(StorageRequest.fromAbi(abi.decode([requestType], hexlify(bytes))[0])),
      request,
    )
  }),
)
