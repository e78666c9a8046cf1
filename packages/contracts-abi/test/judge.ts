import { AbiCoder, Interface, type ParamType } from "ethers"
import { marketplaceAbi, StorageRequest } from "../src/index.ts"

// Ethers, with the contract's own ABI, judges what is encoded and decoded here.

export const marketplace = new Interface(marketplaceAbi)

const parameter = marketplace.getFunction("requestStorage")?.inputs[0]
if (parameter === undefined) throw new Error("the ABI has no requestStorage(request)")
export const requestType: ParamType = parameter

export const coder = AbiCoder.defaultAbiCoder()
export const ethersEncode = (request: StorageRequest) => coder.encode([requestType], [StorageRequest.toAbi(request)])
