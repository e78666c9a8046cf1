import { assert } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { Volume } from "../../Volume.ts"
import { anOffer, aSlot, type MakeLayer, slotIdOf, tester } from "./fixtures.ts"

const volume = (name: string, heldBytes: bigint, writtenBytes: bigint, metadataBytes = 0n) =>
  new Volume({ name, heldBytes, writtenBytes, metadataBytes })

export const booking = (layer: MakeLayer): void => {
  const test = tester(layer)

  test("bytes are held first, then written; what is written stays when the rest is trimmed", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("upload", 30n)
      yield* ledger.hold("upload", 20n)
      yield* ledger.write("upload", 40n)
      assert.deepStrictEqual(yield* ledger.volumes, [volume("upload", 10n, 40n)])
      assert.deepInclude(yield* ledger.space, { usedBytes: 40n, reservedBytes: 10n })
      yield* ledger.trim("upload")
      yield* ledger.trim("upload")
      assert.deepInclude(yield* ledger.space, { usedBytes: 40n, reservedBytes: 0n })
      yield* ledger.giveBack("upload")
      assert.deepInclude(yield* ledger.space, { usedBytes: 0n, reservedBytes: 0n })
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))

  test("more than is held cannot be written", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("upload", 30n)
      for (const bytes of [31n, 2n ** 64n + 1n]) {
        const error = yield* Effect.flip(ledger.write("upload", bytes))
        assert.deepInclude(error, { _tag: "NotHeld", volume: "upload", askedBytes: bytes, heldBytes: 30n })
      }
      assert.deepInclude(yield* Effect.flip(ledger.write("nothing", 1n)), { _tag: "NotHeld", heldBytes: 0n })
      assert.deepStrictEqual(yield* ledger.volumes, [volume("upload", 30n, 0n)])
    }))

  test("what is offered, held and written is one quota: exactly its rest can be held", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 500n }))
      yield* ledger.reserve(aSlot(1))
      yield* ledger.hold("upload", 300n)
      yield* ledger.write("upload", 300n)
      for (const bytes of [201n, 2n ** 64n + 1n]) {
        const error = yield* Effect.flip(ledger.hold("other", bytes))
        assert.deepInclude(error, { _tag: "OverQuota", askedBytes: bytes, leftBytes: 200n })
      }
      yield* ledger.hold("other", 200n)
      assert.deepInclude(yield* Effect.flip(ledger.hold("other", 1n)), { _tag: "OverQuota", leftBytes: 0n })
      assert.deepInclude(yield* Effect.flip(ledger.offer(anOffer({ totalBytes: 1n }))), { leftBytes: 0n })
    }))

  test("a quota that is sold to the last byte still takes the sold bytes and their metadata", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 1000n }))
      yield* ledger.reserve(aSlot(1, { sizeBytes: 1000n, pricePerSecond: 2000n }))
      yield* ledger.hold(slotIdOf(1), 1000n)
      yield* ledger.write(slotIdOf(1), 1000n)
      yield* ledger.writeMetadata(slotIdOf(1), 100n)
      assert.deepInclude(yield* ledger.space, { usedBytes: 1000n, reservedBytes: 0n, metadataUsedBytes: 100n })
    }))

  test("a slot's bytes are held from the start: to hold them again changes nothing, to hold more is refused", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 500n }))
      yield* ledger.reserve(aSlot(1))
      yield* ledger.hold(slotIdOf(1), 100n)
      yield* ledger.write(slotIdOf(1), 40n)
      yield* ledger.hold(slotIdOf(1), 60n)
      const error = yield* Effect.flip(ledger.hold(slotIdOf(1), 61n))
      assert.deepInclude(error, { _tag: "OverQuota", askedBytes: 61n, leftBytes: 60n })
      yield* ledger.trim(slotIdOf(1))
      assert.deepStrictEqual(yield* ledger.volumes, [volume(slotIdOf(1), 60n, 40n)])
    }))

  test("metadata counts against its own quota, exactly to the last byte, and goes with its volume", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer({ totalBytes: 1000n }))
      yield* ledger.writeMetadata("manifest", 70n)
      yield* ledger.writeMetadata("manifest", 10n)
      for (const bytes of [21n, 2n ** 64n + 1n]) {
        const error = yield* Effect.flip(ledger.writeMetadata("other", bytes))
        assert.deepInclude(error, { _tag: "OverQuota", askedBytes: bytes, leftBytes: 20n })
      }
      yield* ledger.writeMetadata("other", 20n)
      yield* ledger.trim("manifest")
      yield* ledger.giveBack("manifest")
      assert.deepStrictEqual(yield* ledger.volumes, [volume("other", 0n, 0n, 20n)])
      assert.deepInclude(yield* ledger.space, { metadataUsedBytes: 20n, usedBytes: 0n })
    }))

  test("metadata that came before the reservation stays with the slot, and goes with it", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      yield* ledger.writeMetadata(slotIdOf(1), 5n)
      yield* ledger.reserve(aSlot(1))
      assert.deepStrictEqual(yield* ledger.volumes, [volume(slotIdOf(1), 100n, 0n, 5n)])
      yield* ledger.giveBack(slotIdOf(1))
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))

  test("nothing is left of names under which nothing was held, written or settled", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("a", 0n)
      yield* ledger.write("b", 0n)
      yield* ledger.writeMetadata("c", 0n)
      yield* ledger.trim("d")
      yield* ledger.giveBack("e")
      yield* ledger.rename("f", "g")
      yield* ledger.settle("h", { dataBytes: 0n, metadataBytes: 0n })
      yield* ledger.hold("i", 1n)
      yield* ledger.trim("i")
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))

  test("a volume goes by another name, together with what stands there", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("upload", 30n)
      yield* ledger.write("upload", 20n)
      yield* ledger.writeMetadata("upload", 3n)
      yield* ledger.rename("upload", "upload")
      yield* ledger.rename("upload", "cid")
      yield* ledger.rename("upload", "cid")
      assert.deepStrictEqual(yield* ledger.volumes, [volume("cid", 10n, 20n, 3n)])
      yield* ledger.hold("again", 5n)
      yield* ledger.rename("again", "cid")
      assert.deepStrictEqual(yield* ledger.volumes, [volume("cid", 15n, 20n, 3n)])
    }))

  test("to rename or replace a slot is a defect, and changes nothing", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      yield* ledger.reserve(aSlot(1))
      yield* ledger.hold("upload", 1n)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.rename("upload", slotIdOf(1)))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.rename(slotIdOf(1), "upload"))))
      assert.lengthOf(yield* ledger.volumes, 2)
    }))

  test("a negative number of bytes is a defect, and changes nothing", (ledger) =>
    Effect.gen(function* () {
      const { id } = yield* ledger.offer(anOffer())
      yield* ledger.hold("upload", 10n)
      const found = { dataBytes: 0n, metadataBytes: -1n }
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.hold("upload", -1n))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.write("upload", -1n))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.writeMetadata("upload", -1n))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.release(id, -1n))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(ledger.settle("upload", found))))
      assert.deepStrictEqual(yield* ledger.volumes, [volume("upload", 10n, 0n)])
    }))

  test("settling a slot books what is on disk and holds the rest again", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.offer(anOffer())
      yield* ledger.reserve(aSlot(1))
      yield* ledger.write(slotIdOf(1), 50n)
      for (const dataBytes of [30n, 0n, 100n]) {
        yield* ledger.settle(slotIdOf(1), { dataBytes, metadataBytes: 7n })
        assert.deepStrictEqual(yield* ledger.volumes, [volume(slotIdOf(1), 100n - dataBytes, dataBytes, 7n)])
        assert.strictEqual(Option.getOrThrow(yield* ledger.reservation(slotIdOf(1))).writtenBytes, dataBytes)
      }
      const error = yield* Effect.flip(ledger.settle(slotIdOf(1), { dataBytes: 101n, metadataBytes: 0n }))
      assert.deepInclude(error, { _tag: "NotHeld", askedBytes: 101n, heldBytes: 100n })
      assert.deepStrictEqual(yield* ledger.volumes, [volume(slotIdOf(1), 0n, 100n, 7n)])
    }))

  test("settling another volume frees what is gone and books what was written but not yet booked", (ledger) =>
    Effect.gen(function* () {
      yield* ledger.hold("upload", 50n)
      yield* ledger.write("upload", 30n)
      yield* ledger.settle("upload", { dataBytes: 25n, metadataBytes: 0n })
      assert.deepStrictEqual(yield* ledger.volumes, [volume("upload", 20n, 25n)])
      yield* ledger.settle("upload", { dataBytes: 40n, metadataBytes: 200n })
      assert.deepStrictEqual(yield* ledger.volumes, [volume("upload", 5n, 40n, 200n)])
      const error = yield* Effect.flip(ledger.settle("upload", { dataBytes: 46n, metadataBytes: 0n }))
      assert.deepInclude(error, { _tag: "NotHeld", askedBytes: 46n, heldBytes: 45n })
      assert.deepInclude(yield* Effect.flip(ledger.writeMetadata("upload", 1n)), { leftBytes: 0n })
      yield* ledger.trim("upload")
      yield* ledger.settle("upload", { dataBytes: 0n, metadataBytes: 0n })
      assert.deepStrictEqual(yield* ledger.volumes, [])
    }))
}
