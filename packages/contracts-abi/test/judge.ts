import { AbiCoder, ParamType } from "ethers"
import { StorageRequest } from "../src/index.ts"

/** The contract's type (interface, section 1), for ethers to judge by. */
export const requestType = ParamType.from(
  "tuple(address client, tuple(uint64 slots, uint256 slotSize, uint256 duration, uint256 proofProbability, uint256 reward, uint64 maxSlotLoss) ask, tuple(string cid, tuple(uint64 totalChunks) erasure, tuple(bytes u, bytes publicKey, bytes name) por) content, uint256 expiry, bytes32 nonce)",
)

export const abi = AbiCoder.defaultAbiCoder()
export const ethersEncode = (request: StorageRequest) => abi.encode([requestType], [StorageRequest.toAbi(request)])
