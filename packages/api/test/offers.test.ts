import { assert, describe, it } from "@effect/vitest"
import { Address, ContentHash, Nonce, OfferId, RequestId, SlotId } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { AuctionJson, AuctionTerms, BidJson } from "../src/index.ts"
import { crosses } from "./crosses.ts"

const id = RequestId.make(`0x${"ab".repeat(32)}`)
const offerId = OfferId.make(`0x${"cd".repeat(32)}`)
const volume = SlotId.make(`0x${"ef".repeat(32)}`)
const host = Address.make(`0x${"22".repeat(20)}`)

const request: (typeof AuctionJson.Type)["request"] = {
  client: Address.make(`0x${"11".repeat(20)}`),
  size: 65_536n,
  duration: 3_600n,
  contentHash: ContentHash.make(`0x${"77".repeat(32)}`),
  proofProbability: 2n ** 60n,
  maxPrice: 2n ** 100n,
  expiry: 1_700_000_000n,
  nonce: Nonce.make(`0x${"00".repeat(32)}`),
}
const requestWritten = {
  client: `0x${"11".repeat(20)}`,
  size: 65_536,
  duration: 3_600,
  contentHash: `0x${"77".repeat(32)}`,
  proofProbability: `${2n ** 60n}`,
  maxPrice: `${2n ** 100n}`,
  expiry: 1_700_000_000,
  nonce: `0x${"00".repeat(32)}`,
}

describe("trading by offers, on the wire", () => {
  const auction: AuctionJson = {
    requestId: id,
    state: "selected",
    error: null,
    dataset: "bafy",
    slotIndex: 2,
    offers: 5,
    request,
    selected: { offerId, host, price: 2n ** 99n },
  }
  const auctionWritten = {
    requestId: id,
    state: "selected",
    error: null,
    dataset: "bafy",
    slotIndex: 2,
    offers: 5,
    request: requestWritten,
    selected: { offerId, host, price: `${2n ** 99n}` },
  }

  it.effect("an auction has numbers for sizes and times, decimal strings for prices and the probability", () =>
    crosses(AuctionJson, auction, auctionWritten),
  )

  it.effect("an auction without a selected offer, or whose offers are not known, says null", () =>
    crosses(
      AuctionJson,
      { ...auction, offers: null, selected: null },
      { ...auctionWritten, offers: null, selected: null },
    ),
  )

  it.effect("a bid has the offer and the space that is held for it, once they are there", () =>
    Effect.gen(function* () {
      const bid: BidJson = { requestId: id, state: "reserving", error: null, request, offer: null }
      const written = { requestId: id, state: "reserving", error: null, request: requestWritten, offer: null }
      yield* crosses(BidJson, bid, written)
      const space = { id: volume, availabilityId: "0x01", size: 65_536n, requestId: id, slotIndex: 0n, validUntil: 9n }
      yield* crosses(
        BidJson,
        { ...bid, offer: { offerId, price: 2n ** 99n, expiry: 8n }, reservation: space },
        {
          ...written,
          offer: { offerId, price: `${2n ** 99n}`, expiry: 8 },
          reservation: { ...space, size: 65_536, slotIndex: 0, validUntil: 9 },
        },
      )
    }),
  )

  it.effect("a client may write numbers in any form, and leave out the number of slots", () =>
    Effect.gen(function* () {
      const terms = { duration: 60, expiry: "30", proofProbability: "0x1", maxPricePerBytePerSecond: "2" }
      const read = Schema.decodeUnknownEffect(AuctionTerms)
      const understood = { duration: 60n, expiry: 30n, proofProbability: 1n, maxPricePerBytePerSecond: 2n }
      assert.deepStrictEqual(yield* read(terms), understood)
      assert.deepStrictEqual(yield* read({ ...terms, nodes: "0x5" }), { ...understood, nodes: 5n })
    }),
  )
})
