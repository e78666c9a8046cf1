import {
  Nonce,
  type RequestId,
  SlotId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
} from "@pecia/contracts-abi"
import type { Market } from "@pecia/market"
import { Effect } from "effect"
import { toBeHex } from "ethers"

export const proof = new Uint8Array([42])

let made = 0n
/** An id that nothing else is about. */
export const newId = Effect.sync(() => {
  made += 1n
  return SlotId.make(toBeHex(made, 32))
})
export const newIds = (count: number) => Effect.all(Array.from({ length: count }, () => newId))

/** Runs at once, beside the test. */
export const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** Puts a request on the market; the client needs `1,000 x slots` tokens. */
export const request = Effect.fnUntraced(function* (client: Market["Service"], slots: bigint) {
  const empty = new Uint8Array()
  const ask = { slots, slotSize: 65_536n, duration: 1_000n, proofProbability: 1n, reward: 1n, maxSlotLoss: 0n }
  yield* client.approveFunds(1_000n * slots)
  const requestId: RequestId = yield* client.requestStorage(
    new StorageRequest({
      client: client.account,
      ask: new StorageAsk(ask),
      content: new StorageContent({
        cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
        erasure: { totalChunks: 1n },
        por: new StoragePor({ u: empty, publicKey: empty, name: empty }),
      }),
      expiry: 2n ** 40n,
      nonce: Nonce.make(toBeHex(1n, 32)),
    }),
  )
  return requestId
})

/** Puts up the collateral that a slot takes; the host needs 100 tokens. */
export const qualify = Effect.fnUntraced(function* (host: Market["Service"]) {
  const { initialAmount } = (yield* host.config).collateral
  yield* host.approveFunds(initialAmount)
  yield* host.deposit(initialAmount)
})
