import type { AvailabilityJson, OpenRequestJson, RequestJson, ReservationJson } from "@pecia/api"
import { type MarketplaceConfig, type OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import type { Availability, Reservation } from "@pecia/reservations"

/** The per-byte numbers of a request; a stranger's slot may have no bytes. */
const perByte = (amount: bigint, bytes: bigint) => (bytes === 0n ? 0n : amount / bytes)

export const requestJson = (request: StorageRequest, config: MarketplaceConfig): typeof RequestJson.Type => {
  const { client, ask, content, expiry, nonce } = request
  return {
    id: StorageRequest.id(request),
    client,
    ask: {
      slots: ask.slots,
      slotSize: ask.slotSize,
      duration: ask.duration,
      proofProbability: ask.proofProbability,
      pricePerBytePerSecond: perByte(ask.reward, ask.slotSize),
      collateralPerByte: perByte(config.collateral.initialAmount, ask.slotSize),
      maxSlotLoss: ask.maxSlotLoss,
      reward: ask.reward,
    },
    content: { cid: content.cid },
    expiry,
    nonce,
  }
}

export const openRequestJson = (request: OpenRequest): OpenRequestJson => ({
  client: request.client,
  size: request.size,
  duration: request.duration,
  contentHash: request.contentHash,
  proofProbability: request.proofProbability,
  maxPrice: request.maxPrice,
  expiry: request.expiry,
  nonce: request.nonce,
})

export const reservationJson = (one: Reservation): typeof ReservationJson.Type => ({
  id: one.slotId,
  availabilityId: one.availabilityId,
  size: one.sizeBytes,
  requestId: one.requestId,
  slotIndex: one.slotIndex,
  validUntil: one.endSeconds,
})

export const availabilityJson = (one: Availability): AvailabilityJson => ({
  id: one.id,
  totalSize: one.totalBytes,
  freeSize: one.freeBytes,
  duration: one.durationSeconds,
  minPricePerBytePerSecond: one.minPricePerBytePerSecond,
  totalCollateral: one.totalCollateral,
  // One deposit backs all slots of this contract: hosting uses none of it up.
  totalRemainingCollateral: one.totalCollateral,
  enabled: one.enabled,
  until: one.untilSeconds,
})
