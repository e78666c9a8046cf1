import { assert, describe, it } from "@effect/vitest"
import { Address, Nonce, RequestId, SlotId } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { AvailabilityJson, OfferJson, PurchaseJson, PurchaseTerms, ReservationJson, SpaceJson } from "../src/index.ts"
import { crosses } from "./crosses.ts"

const id = RequestId.make(`0x${"ab".repeat(32)}`)
const slot = SlotId.make(`0x${"cd".repeat(32)}`)

const purchase: typeof PurchaseJson.Type = {
  requestId: id,
  state: "started",
  error: null,
  request: {
    id,
    client: Address.make(`0x${"11".repeat(20)}`),
    ask: {
      slots: 3n,
      slotSize: 65_536n,
      duration: 3_600n,
      proofProbability: 10n,
      pricePerBytePerSecond: 2n ** 60n,
      collateralPerByte: 0n,
      maxSlotLoss: 1n,
      reward: 2n ** 76n,
    },
    content: { cid: "bafy" },
    expiry: 1_700_000_000n,
    nonce: Nonce.make(`0x${"00".repeat(32)}`),
  },
}

const availability: typeof AvailabilityJson.Type = {
  id: "0x01",
  totalSize: 131_072n,
  freeSize: 65_536n,
  duration: 3_600n,
  minPricePerBytePerSecond: 1n,
  totalCollateral: 2n ** 200n,
  totalRemainingCollateral: 2n ** 200n,
  enabled: true,
  until: 0n,
}

describe("numbers on the wire", () => {
  it.effect("a purchase has numbers for sizes and times, decimal strings for amounts and the probability", () =>
    crosses(PurchaseJson, purchase, {
      requestId: id,
      state: "started",
      error: null,
      request: {
        id,
        client: `0x${"11".repeat(20)}`,
        ask: {
          slots: 3,
          slotSize: 65_536,
          duration: 3_600,
          proofProbability: "10",
          pricePerBytePerSecond: `${2n ** 60n}`,
          collateralPerByte: "0",
          maxSlotLoss: 1,
          reward: `${2n ** 76n}`,
        },
        content: { cid: "bafy" },
        expiry: 1_700_000_000,
        nonce: `0x${"00".repeat(32)}`,
      },
    }),
  )

  it.effect("an availability has all amounts as strings, so that BigInt can read them", () =>
    crosses(AvailabilityJson, availability, {
      id: "0x01",
      totalSize: 131_072,
      freeSize: 65_536,
      duration: 3_600,
      minPricePerBytePerSecond: "1",
      totalCollateral: `${2n ** 200n}`,
      totalRemainingCollateral: `${2n ** 200n}`,
      enabled: true,
      until: 0,
    }),
  )

  it.effect("a reservation and the space have numbers alone", () =>
    Effect.gen(function* () {
      yield* crosses(
        ReservationJson,
        { id: slot, availabilityId: "0x01", size: 65_536n, requestId: id, slotIndex: 2n, validUntil: 9n },
        { id: slot, availabilityId: "0x01", size: 65_536, requestId: id, slotIndex: 2, validUntil: 9 },
      )
      yield* crosses(
        SpaceJson,
        { totalBlocks: 1, quotaMaxBytes: 8n, quotaUsedBytes: 4n, quotaReservedBytes: 2n },
        { totalBlocks: 1, quotaMaxBytes: 8, quotaUsedBytes: 4, quotaReservedBytes: 2 },
      )
    }),
  )
})

describe("what clients send", () => {
  it.effect("both generations of clients are understood: numbers, and decimal strings", () =>
    Effect.gen(function* () {
      const older = {
        totalSize: "65536",
        duration: "60",
        minPricePerBytePerSecond: "1",
        totalCollateral: "100",
      }
      const newer = { ...older, totalSize: 65_536, duration: 60 }
      const read = Schema.decodeUnknownEffect(OfferJson)
      assert.deepStrictEqual(yield* read(older), yield* read(newer))
    }),
  )

  it.effect("what only some clients send may be left out, and nothing is made of what is not known", () =>
    Effect.gen(function* () {
      const needed = { duration: 60, expiry: 30, pricePerBytePerSecond: "1", proofProbability: "1" }
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(PurchaseTerms)({ ...needed, reward: "0x7" }), {
        duration: 60n,
        expiry: 30n,
        pricePerBytePerSecond: 1n,
        proofProbability: 1n,
      })
    }),
  )
})
