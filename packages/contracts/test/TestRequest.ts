import { AbiCoder, keccak256 } from "ethers"

/** A request as ethers encodes it. */
export interface TestRequest {
  readonly client: string
  readonly ask: {
    readonly slots: bigint
    readonly slotSize: bigint
    readonly duration: bigint
    readonly proofProbability: bigint
    readonly reward: bigint
    readonly maxSlotLoss: bigint
  }
  readonly content: {
    readonly cid: string
    readonly erasure: { readonly totalChunks: bigint }
    readonly por: { readonly u: string; readonly publicKey: string; readonly name: string }
  }
  readonly expiry: bigint
  readonly nonce: string
}

const requestType =
  "tuple(address client, tuple(uint64 slots, uint256 slotSize, uint256 duration, uint256 proofProbability, uint256 reward, uint64 maxSlotLoss) ask, tuple(string cid, tuple(uint64 totalChunks) erasure, tuple(bytes u, bytes publicKey, bytes name) por) content, uint256 expiry, bytes32 nonce)"

const abi = AbiCoder.defaultAbiCoder()

/** A request as the contract's interface encodes it. */
export const encoded = (request: TestRequest) => abi.encode([requestType], [request])

/** The ids, computed without the contract (contract interface, section 1). */
export const requestId = (request: TestRequest) => keccak256(encoded(request))
export const slotId = (requestId: string, slotIndex: bigint) =>
  keccak256(abi.encode(["bytes32", "uint256"], [requestId, slotIndex]))

export const pricePerSlot = ({ ask }: TestRequest) => ask.duration * ask.reward
export const price = (request: TestRequest) => request.ask.slots * pricePerSlot(request)

/** The example of the contract interface, section 1. */
export const vector: TestRequest = {
  client: `0x${"11".repeat(20)}`,
  ask: {
    slots: 4n,
    slotSize: 1_073_741_824n,
    duration: 36_000n,
    proofProbability: 4n,
    reward: 84n,
    maxSlotLoss: 2n,
  },
  content: {
    cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
    erasure: { totalChunks: 12n },
    por: { u: "0x", publicKey: "0x", name: "0x" },
  },
  expiry: 1_700_000_000n,
  nonce: `0x${"22".repeat(32)}`,
}
