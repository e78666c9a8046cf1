import { Result, Schema } from "effect"
import { keccak256 } from "ethers"
import type { AbiError } from "./AbiError.ts"
import { Address } from "./Address.ts"
import { AbiWriter } from "./internal/AbiWriter.ts"
import { AbiAddress, AbiRequestId, readTuple } from "./internal/abiTuple.ts"
import { OfferId } from "./OfferId.ts"
import { RequestId } from "./RequestId.ts"
import { Uint256 } from "./Uint.ts"

/** host, requestId, price, expiry */
const AbiOffer = Schema.Tuple([AbiAddress, AbiRequestId, Uint256, Uint256])
type AbiOffer = typeof AbiOffer.Type
const read = readTuple("Offer", AbiOffer)

const word = 32

/** A host's answer to an open request. */
export class Offer extends Schema.Class<Offer>("@pecia/contracts-abi/Offer")({
  host: Address,
  requestId: RequestId,
  /** Token base units for the whole duration. */
  price: Uint256,
  /** Unix seconds; it can be selected before. */
  expiry: Uint256,
}) {
  /** The id of the offer and of the contract that comes of it: keccak256 of `abi.encode(offer)`, a static tuple. */
  static id({ host, requestId, price, expiry }: Offer): OfferId {
    const writer = new AbiWriter(4 * word).hex(host).hex(requestId).uint(price).uint(expiry)
    return OfferId.make(keccak256(writer.bytes))
  }

  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<Offer, AbiError> {
    return Result.map(read(tuple), ([host, requestId, price, expiry]) => new Offer({ host, requestId, price, expiry }))
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi({ host, requestId, price, expiry }: Offer): AbiOffer {
    return [host, requestId, price, expiry]
  }
}
