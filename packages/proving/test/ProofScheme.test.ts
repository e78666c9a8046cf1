import { assert, describe, it } from "@effect/vitest"
import { StoragePor } from "@pecia/contracts-abi"
import { bytesFrom } from "@pecia/trees/testing"
import { Result } from "effect"
import { ProofScheme, schemeName } from "../src/index.ts"

const root = bytesFrom("root", 32)
const name = new TextEncoder().encode("pecia-sha256-64-v1")
const refusal = (result: Result.Result<unknown, { readonly message: string }>) =>
  Result.match(result, { onSuccess: () => "accepted", onFailure: (error) => error.message })
const decoded = (por: Partial<StoragePor>) =>
  refusal(ProofScheme.decode(new StoragePor({ u: root, publicKey: Uint8Array.of(5), name, ...por })))

describe("a request's por", () => {
  it("carries the dataset root, one byte of samples, and the name of the scheme", () => {
    const por = Result.getOrThrow(ProofScheme.encode({ root, samples: 7 }))
    assert.deepStrictEqual(por, new StoragePor({ u: root, publicKey: Uint8Array.of(7), name }))
    assert.deepStrictEqual(Result.getOrThrow(ProofScheme.decode(por)), { root, samples: 7 })
    assert.isAtMost(name.length, 32)
    assert.strictEqual(schemeName, "pecia-sha256-64-v1")
  })

  it("takes 1 to 64 samples", () => {
    for (const samples of [1, 64]) assert.strictEqual(decoded({ publicKey: Uint8Array.of(samples) }), "accepted")
    for (const samples of [0, 65, 255])
      assert.include(decoded({ publicKey: Uint8Array.of(samples) }), `${samples} samples, not 1 to 64`)
    for (const samples of [0, 65, 257, 1.5, Number.NaN, -1]) {
      assert.include(refusal(ProofScheme.encode({ root, samples })), `${samples} samples, not 1 to 64`)
    }
  })

  it("is refused when it is of another scheme or malformed", () => {
    assert.include(decoded({ name: new Uint8Array() }), 'it names the scheme ""')
    assert.include(decoded({ name: new TextEncoder().encode("another") }), 'it names the scheme "another"')
    assert.notStrictEqual(decoded({ name: Uint8Array.from([0xef, 0xbb, 0xbf, ...name]) }), "accepted")
    assert.notStrictEqual(decoded({ name: Uint8Array.from([...name, 0]) }), "accepted")
    assert.include(decoded({ u: new Uint8Array(31) }), "root has 31 bytes, not 32")
    assert.include(decoded({ publicKey: new Uint8Array() }), "parameters have 0 bytes, not 1")
    assert.include(decoded({ publicKey: Uint8Array.of(5, 5) }), "parameters have 2 bytes, not 1")
    assert.include(refusal(ProofScheme.encode({ root: new Uint8Array(33), samples: 5 })), "root has 33 bytes, not 32")
  })
})

describe("the shape of proofs", () => {
  const shape = (slotSizeBytes: bigint, slots: bigint, samples = 5) =>
    ProofScheme.shape({ root, samples }, slotSizeBytes, slots)

  it("follows from the sizes: depths are the rounded-up logarithms", () => {
    assert.deepStrictEqual(Result.getOrThrow(shape(2n ** 30n, 4n)), {
      samples: 5,
      slotDepth: 25,
      datasetDepth: 2,
      pairs: 2n ** 24n,
      sizeBytes: 4224,
    })
    assert.strictEqual(Result.getOrThrow(shape(65_536n, 1n, 1)).sizeBytes, 64 + 10 * 32)
    assert.strictEqual(Result.getOrThrow(shape(65_536n * 3n, 5n)).slotDepth, 13)
    assert.strictEqual(Result.getOrThrow(shape(65_536n * 3n, 5n)).datasetDepth, 3)
  })

  it("is refused for slots of no or uneven size and for no slots; the largest that the chain can carry cost nothing", () => {
    for (const size of [0n, 1n, 65_535n, 65_537n, -65_536n])
      assert.include(refusal(shape(size, 1n)), "is not a multiple of 65536")
    assert.include(refusal(shape(65_536n, 0n)), "it has no slots")
    assert.strictEqual(Result.getOrThrow(shape(2n ** 256n - 65_536n, 2n ** 64n - 1n)).slotDepth, 251)
  })
})
