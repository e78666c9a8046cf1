import { Result, Schema } from "effect"
import { keccak256 } from "ethers"
import type { AbiError } from "./AbiError.ts"
import { Address } from "./Address.ts"
import { decodeRequest, encodeRequest } from "./internal/requestBytes.ts"
import { type AbiRequest, readRequest } from "./internal/requestTuple.ts"
import { Nonce } from "./Nonce.ts"
import { RequestId } from "./RequestId.ts"
import { type Circumstances, flawsOf, type RequestFlaw } from "./RequestSense.ts"
import { StorageAsk } from "./StorageAsk.ts"
import { StorageContent, StoragePor } from "./StorageContent.ts"
import { Uint256 } from "./Uint.ts"

/** A request for storage, as it stands on the chain. All that the ABI can carry is accepted, as long as the cid is UTF-8. */
export class StorageRequest extends Schema.Class<StorageRequest>("@pecia/contracts-abi/StorageRequest")({
  client: Address,
  ask: StorageAsk,
  content: StorageContent,
  /** Unix seconds; strictly after it an incomplete request is cancelled. */
  expiry: Uint256,
  nonce: Nonce,
}) {
  /** The id under which the contract keeps the request. */
  static id(request: StorageRequest): RequestId {
    return RequestId.make(keccak256(StorageRequest.encode(request)))
  }

  /** Why the request cannot work, or not as anyone would want it; none: it makes sense. */
  static sense(request: StorageRequest, circumstances: Circumstances): ReadonlyArray<RequestFlaw> {
    return flawsOf(request, circumstances)
  }

  /** `abi.encode(request)`. */
  static encode(request: StorageRequest): Uint8Array {
    return encodeRequest(StorageRequest.toAbi(request))
  }

  /** Reads exactly what `encode` writes: no other layout, nothing after it. Allocates no more than it is given. */
  static decode(bytes: Uint8Array): Result.Result<StorageRequest, AbiError> {
    return Result.map(decodeRequest(bytes), ofAbi)
  }

  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<StorageRequest, AbiError> {
    return Result.map(readRequest(tuple), ofAbi)
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi({ client, ask, content, expiry, nonce }: StorageRequest): AbiRequest {
    const { cid, erasure, por } = content
    return [
      client,
      StorageAsk.toAbi(ask),
      [cid, [erasure.totalChunks], [por.u, por.publicKey, por.name]],
      expiry,
      nonce,
    ]
  }
}

const ofAbi = ([client, ask, [cid, [totalChunks], [u, publicKey, name]], expiry, nonce]: AbiRequest) =>
  new StorageRequest({
    client,
    ask: StorageAsk.ofAbi(ask),
    content: new StorageContent({ cid, erasure: { totalChunks }, por: new StoragePor({ u, publicKey, name }) }),
    expiry,
    nonce,
  })
