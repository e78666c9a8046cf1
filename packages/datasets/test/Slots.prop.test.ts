import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { bytesOf } from "./bytesOf.ts"
import { collect, laidOut, node, partsOf, sourceOf } from "./slotsFixture.ts"

const sizeBytesMax = 2_097_152
/** Any size, and those at the edges of blocks. */
const SizeBytes = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: sizeBytesMax })),
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 32 })),
])
const Edge = Schema.Literals([-1, 0, 1])
const Data = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
const Parity = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))
const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 30 }))

/** Up to 32 is a number of blocks, give or take a byte. */
const sizeOf = (size: number, edge: number) => (size > 32 ? size : Math.max(0, size * 65_536 + edge))

describe("Slots", () => {
  it.effect.prop(
    "whatever the size and the shape, hosts without as many slots as there is parity give the file back, and one of the lost slots",
    [SizeBytes, Edge, Data, Parity, Seed],
    ([size, edge, data, parity, seed]) =>
      Effect.gen(function* () {
        const bytes = bytesOf(sizeOf(size, edge), seed)
        const { cid, client, manifest } = yield* laidOut(bytes, { data, parity })
        const lost = Array.from({ length: parity }, (_, i) => (seed + i) % (data + parity))
        const kept = manifest.slots.flatMap((_, i) => (lost.includes(i) ? [] : [i]))
        const hosts = yield* Effect.forEach(kept, (i) =>
          Effect.gen(function* () {
            const host = yield* node()
            yield* host.space.hold("slot", manifest.slotSizeBytes)
            yield* host.slots.store("slot", cid, i, sourceOf([client.store]))
            return host
          }),
        )
        const network = sourceOf(hosts.map(({ store }) => store))
        const reader = yield* node()
        assert.strictEqual(Buffer.compare(yield* collect(reader.slots.read(cid, network)), bytes), 0)
        const [rebuilt] = lost
        if (rebuilt === undefined) return
        yield* reader.space.hold("slot", manifest.slotSizeBytes)
        yield* reader.slots.store("slot", cid, rebuilt, network)
        const names = ((yield* partsOf(client, manifest))[rebuilt] ?? []).flatMap(({ blocks }) => blocks)
        for (const name of names)
          if (name._tag === "Some") assert.isTrue(yield* reader.store.has(name.value), `block ${name.value}`)
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 30 } },
  )
})
