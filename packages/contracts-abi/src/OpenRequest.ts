import { Result, Schema } from "effect"
import { keccak256 } from "ethers"
import type { AbiError } from "./AbiError.ts"
import { Address } from "./Address.ts"
import { ContentHash } from "./ContentHash.ts"
import { AbiWriter } from "./internal/AbiWriter.ts"
import { AbiAddress, AbiContentHash, AbiNonce, readTuple } from "./internal/abiTuple.ts"
import { Nonce } from "./Nonce.ts"
import { type OpenCircumstances, type OpenRequestFlaw, openFlawsOf } from "./OpenRequestSense.ts"
import { RequestId } from "./RequestId.ts"
import { Uint256 } from "./Uint.ts"

/** client, duration, size, contentHash, proofProbability, maxPrice, expiry, nonce */
const AbiOpenRequest = Schema.Tuple([AbiAddress, Uint256, Uint256, AbiContentHash, Uint256, Uint256, Uint256, AbiNonce])
type AbiOpenRequest = typeof AbiOpenRequest.Type
const read = readTuple("OpenRequest", AbiOpenRequest)

const word = 32

/** A client's wish to have one slot of data kept by one host, to which hosts offer. All that the ABI can carry is accepted. */
export class OpenRequest extends Schema.Class<OpenRequest>("@pecia/contracts-abi/OpenRequest")({
  client: Address,
  /** Seconds, counted from the start of the contract. */
  duration: Uint256,
  /** Bytes. */
  size: Uint256,
  contentHash: ContentHash,
  /** About one proof in so many periods. */
  proofProbability: Uint256,
  /** Token base units for the whole duration, paid in advance. */
  maxPrice: Uint256,
  /** Unix seconds; the contract has to start before. */
  expiry: Uint256,
  nonce: Nonce,
}) {
  /** The id under which the offer market keeps the request: keccak256 of `abi.encode(request)`, a static tuple. */
  static id(request: OpenRequest): RequestId {
    const writer = new AbiWriter(8 * word)
      .hex(request.client)
      .uint(request.duration)
      .uint(request.size)
      .hex(request.contentHash)
      .uint(request.proofProbability)
      .uint(request.maxPrice)
      .uint(request.expiry)
      .hex(request.nonce)
    return RequestId.make(keccak256(writer.bytes))
  }

  /** Why the request cannot work, or not as anyone would want it; none: it makes sense. */
  static sense(request: OpenRequest, circumstances: OpenCircumstances): ReadonlyArray<OpenRequestFlaw> {
    return openFlawsOf(request, circumstances)
  }

  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<OpenRequest, AbiError> {
    return Result.map(
      read(tuple),
      ([client, duration, size, contentHash, proofProbability, maxPrice, expiry, nonce]) =>
        new OpenRequest({ client, duration, size, contentHash, proofProbability, maxPrice, expiry, nonce }),
    )
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi(request: OpenRequest): AbiOpenRequest {
    const { client, duration, size, contentHash, proofProbability, maxPrice, expiry, nonce } = request
    return [client, duration, size, contentHash, proofProbability, maxPrice, expiry, nonce]
  }
}
