import { AbiCoder, keccak256 } from "ethers"

/** A request for offers, and an offer, as ethers encodes them. */
export interface TestOpenRequest {
  readonly client: string
  readonly duration: bigint
  readonly size: bigint
  readonly contentHash: string
  readonly proofProbability: bigint
  readonly maxPrice: bigint
  readonly expiry: bigint
  readonly nonce: string
}
export interface TestOffer {
  readonly host: string
  readonly requestId: string
  readonly price: bigint
  readonly expiry: bigint
}

const requestType =
  "tuple(address client, uint256 duration, uint256 size, bytes32 contentHash, uint256 proofProbability, uint256 maxPrice, uint256 expiry, bytes32 nonce)"
const offerType = "tuple(address host, bytes32 requestId, uint256 price, uint256 expiry)"

const abi = AbiCoder.defaultAbiCoder()

/** The ids, computed without the contract. */
export const openRequestId = (request: TestOpenRequest) => keccak256(abi.encode([requestType], [request]))
export const offerId = (offer: TestOffer) => keccak256(abi.encode([offerType], [offer]))

/** A request of which the id is known. */
export const openVector: TestOpenRequest = {
  client: `0x${"11".repeat(20)}`,
  duration: 36_000n,
  size: 1_073_741_824n,
  contentHash: `0x${"44".repeat(32)}`,
  proofProbability: 4n,
  maxPrice: 84n,
  expiry: 1_700_000_000n,
  nonce: `0x${"22".repeat(32)}`,
}
export const openVectorId = "0x51b39ba1904749cbd1986fa0ed1489a448d3708ad437216cfdb8ca4ab4f9c29d"

/** An offer of which the id is known. */
export const offerVector: TestOffer = {
  host: `0x${"33".repeat(20)}`,
  requestId: "0x798536d92247eba1c39e9a9ac47cf22eeb782067d23c8eacbf8901949a681b87",
  price: 42n,
  expiry: 1_700_000_000n,
}
export const offerVectorId = "0x15fd4cd9e9a4b37e44cb5868ec6cf34604f45ce5c38cd9699665c368e754f915"
