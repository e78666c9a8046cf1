import { assert, it } from "@effect/vitest"
import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Effect, type Layer } from "effect"
import { Offer } from "../../Availability.ts"
import { SlotDemand } from "../../Reservation.ts"
import { Reservations, type ReservationsOptions } from "../../Reservations.ts"
import type { ReservationsError } from "../../ReservationsError.ts"

export type MakeLayer = (options: ReservationsOptions) => Layer.Layer<Reservations, ReservationsError>

type Ledger = Reservations["Service"]

/** A test with an empty ledger of 1000 bytes for data and 100 for metadata, whose law is checked in the end. */
export const tester =
  (layer: MakeLayer) =>
  <E>(sentence: string, body: (ledger: Ledger) => Effect.Effect<void, E>) =>
    it.effect(sentence, () =>
      Effect.gen(function* () {
        const ledger = yield* Reservations
        yield* body(ledger)
        yield* assertLaw(ledger)
      }).pipe(Effect.provide(layer({ quotaBytes: 1000n, metadataQuotaBytes: 100n }))),
    )

export const anOffer = (terms: Partial<Offer> = {}): Offer =>
  new Offer({
    totalBytes: 100n,
    durationSeconds: 3600n,
    minPricePerBytePerSecond: 2n,
    totalCollateral: 50n,
    enabled: true,
    untilSeconds: 0n,
    ...terms,
  })

const hex = (n: number) => `0x${n.toString(16).padStart(64, "0")}`
export const slotIdOf = (n: number): SlotId => SlotId.make(hex(n))

/** Slot number n: what an `anOffer` just suffices for, unless some term is different. */
export const aSlot = (n: number, terms: Partial<SlotDemand> = {}): SlotDemand =>
  new SlotDemand({
    requestId: RequestId.make(hex(0xfeed)),
    slotIndex: BigInt(n),
    slotId: slotIdOf(n),
    sizeBytes: 100n,
    durationSeconds: 3600n,
    pricePerSecond: 200n,
    collateral: 50n,
    endSeconds: 1_800_000_000n,
    ...terms,
  })

/** Checks all that has to be true of a ledger at any time, as far as it can be seen. */
export const assertLaw = Effect.fnUntraced(function* (ledger: Ledger) {
  const { availabilities, cached, reservations, space, volumes } = yield* Effect.all({
    cached: ledger.cached,
    space: ledger.space,
    availabilities: ledger.availabilities,
    reservations: ledger.reservations,
    volumes: ledger.volumes,
  })
  const sum = (numbers: ReadonlyArray<bigint>) => numbers.reduce((total, n) => total + n, 0n)
  const free = sum(availabilities.map((one) => one.freeBytes))
  assert.strictEqual(space.usedBytes, sum(volumes.map((one) => one.writtenBytes)), "used is what is written")
  assert.strictEqual(space.reservedBytes, free + sum(volumes.map((one) => one.heldBytes)), "reserved is free and held")
  assert.strictEqual(space.metadataUsedBytes, sum(volumes.map((one) => one.metadataBytes)))
  assert.isTrue(space.usedBytes + space.reservedBytes <= space.quotaBytes, "used and reserved are within the quota")
  for (const { id, freeBytes, totalBytes } of availabilities) {
    const standing = reservations.filter((one) => one.availabilityId === id)
    assert.isTrue(totalBytes > 0n, "no availability of nothing")
    assert.strictEqual(
      totalBytes,
      freeBytes + sum(standing.map((one) => one.sizeBytes)),
      "an availability is free or taken",
    )
  }
  for (const { availabilityId, slotId, sizeBytes, writtenBytes } of reservations) {
    assert.isTrue(
      availabilities.some(({ id }) => id === availabilityId),
      "a slot stands on an availability",
    )
    const volume = volumes.find(({ name }) => name === slotId)
    assert.strictEqual(volume?.writtenBytes, writtenBytes)
    assert.strictEqual(volume && volume.heldBytes + volume.writtenBytes, sizeBytes, "a slot is held or written")
  }
  for (const { name, heldBytes, metadataBytes, writtenBytes } of volumes) {
    assert.isTrue(
      [heldBytes, metadataBytes, writtenBytes].every((bytes) => bytes >= 0n),
      `${name} has no negative bytes`,
    )
    assert.isTrue(heldBytes + metadataBytes + writtenBytes > 0n || cached.includes(name), `${name} is not empty`)
  }
  for (const name of cached) {
    assert.isTrue(
      volumes.some((volume) => volume.name === name),
      "what was let go of is there",
    )
    assert.isFalse(
      reservations.some(({ slotId }) => slotId === name),
      "no slot was let go of",
    )
  }
})
