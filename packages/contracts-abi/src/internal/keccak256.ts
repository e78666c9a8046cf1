import { keccak256 as ethersKeccak256, getBytes } from "ethers"

export const keccak256 = (data: Uint8Array): Uint8Array => getBytes(ethersKeccak256(data))
