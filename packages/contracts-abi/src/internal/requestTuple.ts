import { Schema } from "effect"
import { Uint64, Uint256 } from "../Uint.ts"
import { AbiAddress, AbiBytes, AbiNonce, readTuple } from "./abiTuple.ts"

/** slots, slotSize, duration, proofProbability, reward, maxSlotLoss */
export const AbiAsk = Schema.Tuple([Uint64, Uint256, Uint256, Uint256, Uint256, Uint64])
export type AbiAsk = typeof AbiAsk.Type

/** u, publicKey, name */
const AbiPor = Schema.Tuple([AbiBytes, AbiBytes, AbiBytes])
/** cid, (totalChunks), por */
const AbiContent = Schema.Tuple([Schema.String, Schema.Tuple([Uint64]), AbiPor])

/** client, ask, content, expiry, nonce */
export const AbiRequest = Schema.Tuple([AbiAddress, AbiAsk, AbiContent, Uint256, AbiNonce])
export type AbiRequest = typeof AbiRequest.Type

export const readAsk = readTuple("StorageAsk", AbiAsk)
export const readRequest = readTuple("StorageRequest", AbiRequest)
