import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { getCreateAddress, hexlify } from "ethers"
import { Bed, onBed, reasonOf } from "./Bed.ts"
import { encoded, price, type TestRequest, vector } from "./TestRequest.ts"

const maxContentBytes = 24_424

const hexOf = (bytes: number, seed = 0) => hexlify(Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + seed) % 256))

const contentOf = (
  cid: string,
  ...[u, publicKey, name]: readonly [number, number, number]
): TestRequest["content"] => ({
  cid,
  erasure: { totalChunks: 12n },
  por: { u: hexOf(u, 1), publicKey: hexOf(publicKey, 2), name: hexOf(name, 3) },
})

/** The answer of getRequest is the request, to the byte. */
const isKept = Effect.fnUntraced(function* (
  bed: Bed["Service"],
  { id, request }: { id: string; request: TestRequest },
) {
  assert.strictEqual(yield* bed.encoded("getRequest", id), encoded(request))
})

const shapes: Readonly<Record<string, TestRequest["content"]>> = {
  "nothing in it": { ...contentOf("", 0, 0, 0), erasure: { totalChunks: 0n } },
  "a cid alone": contentOf(vector.content.cid, 0, 0, 0),
  "a long cid": contentOf("z".repeat(5000), 32, 1, 18),
  "a cid that is not ASCII": contentOf("zürich, 東京, 🗄️", 32, 1, 18),
  "as many chunks as can be": { ...contentOf("z", 1, 0, 0), erasure: { totalChunks: 2n ** 64n - 1n } },
  "u alone": contentOf("", 33, 0, 0),
  "a public key alone": contentOf("", 0, 31, 0),
  "a name alone": contentOf("", 0, 0, 65),
  "zeros alone": { ...contentOf("\0", 0, 0, 0), por: { u: "0x00", publicKey: "0x0000", name: "0x000000" } },
  "the parameters of an example with signatures": contentOf(vector.content.cid, 480, 96, 512),
  "all that fits, in u": contentOf("", maxContentBytes, 0, 0),
  "all that fits, in the name": contentOf("", 0, 0, maxContentBytes),
  "all that fits, in the cid": contentOf("z".repeat(maxContentBytes), 0, 0, 0),
  "all that fits, everywhere": contentOf("z".repeat(6106), 6106, 6106, 6106),
}

layer(Bed.layer())("getRequest gives back to the byte what was requested", (it) => {
  for (const [what, content] of Object.entries(shapes))
    it.effect(`with ${what}`, () =>
      onBed(function* (bed) {
        yield* isKept(bed, yield* bed.requested({}, { content }))
      }),
    )

  const Size = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 200 })))
  const bits = (count: bigint) =>
    Schema.BigInt.pipe(Schema.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** count - 1n })))
  const Shape = Schema.Struct({
    slots: bits(16n),
    maxSlotLoss: bits(16n),
    slotSize: bits(64n),
    duration: bits(32n),
    proofProbability: bits(64n),
    reward: bits(20n),
    totalChunks: bits(64n),
    expiry: bits(32n),
    nonce: bits(256n),
    sizes: Schema.Tuple([Size, Size, Size, Size]),
  })
  it.effect.prop(
    "whatever its numbers and sizes are",
    [Arbitrary.schema(Shape)],
    ([{ expiry, nonce, sizes, totalChunks, ...terms }]) =>
      onBed(function* (bed) {
        const slots = terms.slots || 1n
        const duration = terms.duration || 1n
        const [cid, ...por] = sizes
        const now = yield* bed.now
        const made = yield* bed.newRequest(
          { ...terms, slots, duration, maxSlotLoss: terms.maxSlotLoss % (slots + 1n) },
          {
            expiry: expiry % (now + duration),
            nonce: `0x${nonce.toString(16).padStart(64, "0")}`,
            content: { ...contentOf("z".repeat(cid), ...por), erasure: { totalChunks } },
          },
        )
        yield* bed.fund(bed.client, price(made.request))
        yield* bed.send(bed.client, "requestStorage", made.request)
        yield* isKept(bed, made)
      }),
    { timeout: 60_000, arbitrary: { runs: 40 } },
  )

  it.effect("with each number at its limit", () =>
    onBed(function* (bed) {
      const duration = 2n ** 32n - 1n
      for (const ask of [
        { slots: 65_535n, reward: 0n },
        { slots: 65_535n, maxSlotLoss: 65_535n, reward: 0n },
        { slotSize: 2n ** 64n - 1n },
        { duration, reward: 0n },
        { proofProbability: 2n ** 64n - 1n },
      ])
        yield* isKept(bed, yield* bed.requested(ask))
      for (const expiry of [0n, (yield* bed.now) + duration]) {
        yield* isKept(bed, yield* bed.requested({ duration, reward: 0n }, { expiry }))
      }
      yield* bed.fund(bed.client, 4n * 3600n * 2n ** 128n)
      yield* isKept(bed, yield* bed.requested({ reward: 2n ** 128n - 1n }, { nonce: `0x${"ff".repeat(32)}` }))
    }),
  )

  it.effect("also as the request of a slot", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested({}, { content: contentOf("z", 100, 10, 1000) })
      yield* bed.fill(bed.host, made, 1n)
      const [request, index] = yield* bed.answers("getActiveSlot", made.slots[1])
      assert.deepEqual([request, index], [yield* bed.view("getRequest", made.id), 1n])
    }),
  )
})

layer(Bed.layer())("a request that is too large for the code of a contract", (it) => {
  for (const [what, content] of Object.entries({
    "a byte of u": contentOf("", maxContentBytes + 1, 0, 0),
    "a byte of the public key": contentOf("", 0, maxContentBytes + 1, 0),
    "a byte of the name": contentOf("", maxContentBytes, 0, 1),
    "a byte of the cid": contentOf("z".repeat(maxContentBytes + 1), 0, 0, 0),
    "a letter of two bytes": contentOf(`${"z".repeat(maxContentBytes - 1)}ü`, 0, 0, 0),
    "a length that 16 bits cannot hold": contentOf("", 65_536, 0, 0),
    "lengths whose sum 16 bits cannot hold": contentOf("z".repeat(20_000), 20_000, 20_000, 5_600),
  }))
    it.effect(`is refused for ${what}`, () =>
      onBed(function* (bed) {
        const { request } = yield* bed.newRequest({}, { content })
        assert.strictEqual(yield* reasonOf(bed.send(bed.client, "requestStorage", request)), "Request too large")
      }),
    )
})

/** The word in which the number of requests stands, as the storage layout says. */
const counterWord = () => {
  const layout = readFileSync(new URL("../snapshots/storage-layout.txt", import.meta.url), "utf8")
  const [, word, offset] = /^ *(\d+) +(\d+) +4 +_requestCount/m.exec(layout) ?? assert.fail("no counter of 4 bytes")
  return { slot: word256(BigInt(word ?? "")), unit: 2n ** (8n * BigInt(offset ?? "")) }
}

const word256 = (value: bigint) => `0x${value.toString(16).padStart(64, "0")}`

/** As if so many requests less one had been made. */
const skipTo = Effect.fnUntraced(function* (bed: Bed["Service"], number: bigint) {
  const { slot, unit } = counterWord()
  const word = BigInt(String(yield* bed.devnet.rpc("eth_getStorageAt", [bed.marketplace, slot, "latest"])))
  const others = word - ((word / unit) % 2n ** 32n) * unit
  yield* bed.devnet.rpc("anvil_setStorageAt", [bed.marketplace, slot, word256(others + (number - 1n) * unit)])
  yield* bed.devnet.rpc("anvil_setNonce", [bed.marketplace, `0x${number.toString(16)}`])
})

layer(Bed.layer())("the n-th request is the n-th contract of the marketplace", (it) => {
  // where the encoding of the number becomes longer, which the address is made of
  for (const number of [1n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, 2n ** 24n - 1n, 2n ** 24n, 2n ** 32n - 2n])
    it.effect(`and is found there: number ${number}`, () =>
      onBed(function* (bed) {
        yield* skipTo(bed, number)
        const mades = [yield* bed.requested(), yield* bed.requested({}, { content: contentOf("z", 40, 1, 18) })]
        for (const [index, made] of mades.entries()) {
          const nonce = number + BigInt(index)
          const code = yield* bed.devnet.rpc("eth_getCode", [
            getCreateAddress({ from: bed.marketplace, nonce }),
            "latest",
          ])
          assert.strictEqual(String(code).slice(0, 68), `0x00${made.id.slice(2)}`)
          yield* isKept(bed, made)
          yield* bed.fill(bed.host, made)
          assert.strictEqual(yield* bed.slotState(made.slot), "Filled")
        }
        assert.sameMembers(
          yield* bed.list(bed.client, "myRequests"),
          mades.map(({ id }) => id),
        )
        assert.sameMembers(
          yield* bed.list(bed.host, "mySlots"),
          mades.map(({ slot }) => slot),
        )
      }),
    )

  it.effect("and stops whoever calls it, whatever the request says", () =>
    onBed(function* (bed) {
      // SELFDESTRUCT, wherever one begins to read
      const { id } = yield* bed.requested({}, { content: { ...vector.content, cid: "\0", por: allDestroying } })
      const to = getCreateAddress({ from: bed.marketplace, nonce: 1 })
      const code = yield* bed.devnet.rpc("eth_getCode", [to, "latest"])
      yield* bed.devnet.rpc("eth_sendTransaction", [{ from: bed.stranger, to, data: "0xffff" }])
      assert.strictEqual(yield* bed.devnet.rpc("eth_getCode", [to, "latest"]), code)
      assert.strictEqual(yield* bed.requestState(id), "New")
    }),
  )
})

const allDestroying = { u: `0x${"ff".repeat(100)}`, publicKey: `0x${"ff".repeat(100)}`, name: `0x${"ff".repeat(100)}` }
