import { Nonce, StorageAsk, StorageContent, StoragePor, StorageRequest, zeroAddress } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { toBeHex } from "ethers"
import { below, between, chance, mostly, oneOf } from "./dice.ts"
import { accounts } from "./Terms.ts"

const bytes = (length: number) => new Uint8Array(length).fill(7)

/** As much as the contract takes, and not all of it in one place. */
const contentBytes = 24_424

/** The account that can pay any price. */
const rich = 0

/** A request that can work, if only for a short time; it may be born cancelled. */
export const drawRequest = Effect.fnUntraced(function* (who: number, now: bigint) {
  const slots = yield* between(1n, 4n)
  const duration = yield* mostly(85, yield* between(40n, 200n), [2n, 11n])
  const usualExpiry = now + (yield* between(duration / 3n + 1n, duration - 1n))
  const expiry = yield* mostly(80, usualExpiry, [now + 1n, now + duration - 1n, now, now - 1n, 0n])
  const reward = yield* mostly(85, yield* between(0n, 4n), who === rich ? [2n ** 128n - 1n, 1_000n] : [40n])
  return new StorageRequest({
    client: accounts[who] ?? zeroAddress,
    ask: new StorageAsk({
      slots,
      slotSize: yield* mostly(70, 65_536n, [0n, 1n, 2n ** 64n - 1n]),
      duration,
      proofProbability: yield* mostly(60, 1n, [0n, 2n, 3n, 4n, 2n ** 64n - 1n]),
      reward,
      maxSlotLoss: yield* mostly(60, yield* between(0n, slots), [0n]),
    }),
    content: new StorageContent({
      cid: yield* mostly(80, "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob", ["", "é"]),
      erasure: { totalChunks: yield* mostly(80, 12n, [0n, 2n ** 64n - 1n]) },
      por: new StoragePor({
        u: bytes(yield* below(3)),
        publicKey: bytes(yield* below(3)),
        name: bytes(yield* below(3)),
      }),
    }),
    expiry,
    nonce: Nonce.make(toBeHex(yield* below(1_000_000_000), 32)),
  })
})

type Change = Partial<Pick<StorageRequest, "client" | "ask" | "content" | "expiry">>

const asking = (request: StorageRequest, ask: Partial<StorageAsk>): Change => ({
  ask: new StorageAsk({ ...request.ask, ...ask }),
})

/** Nearly, just, and far more than the contract takes. */
const withContent = (request: StorageRequest, length: number, cidLength: number): Change => {
  const rest = length - cidLength
  const [u, publicKey] = [Math.floor(rest / 2), Math.floor(rest / 3)]
  return {
    content: new StorageContent({
      cid: "c".repeat(cidLength),
      erasure: request.content.erasure,
      por: new StoragePor({ u: bytes(u), publicKey: bytes(publicKey), name: bytes(rest - u - publicKey) }),
    }),
  }
}

/** Values at the edges of what the contract takes, and beyond them. */
const drawChange = (request: StorageRequest, now: bigint): Effect.Effect<Change> => {
  const { duration, slots } = request.ask
  const ends = now + (duration < 2n ** 40n ? duration : 0n)
  const asks: ReadonlyArray<Partial<StorageAsk>> = [
    { slots: 0n },
    { slots: 65_535n },
    { slots: 65_536n },
    { slots: 2n ** 64n - 1n },
    { maxSlotLoss: (slots + 1n) % 2n ** 64n },
    { maxSlotLoss: 2n ** 64n - 1n },
    { duration: 0n },
    { duration: 2n ** 32n - 1n },
    { duration: 2n ** 32n },
    { duration: 2n ** 256n - 1n },
    { reward: 2n ** 128n - 1n },
    { reward: 2n ** 128n },
    { slotSize: 2n ** 64n },
    { slotSize: 2n ** 256n - 1n },
    { proofProbability: 2n ** 64n },
    { proofProbability: 2n ** 256n - 1n },
  ]
  const expiries = [ends, ends + 1n, 2n ** 40n, 2n ** 256n - 1n]
  const lengths = [contentBytes, contentBytes + 1, contentBytes + 1, contentBytes + 1_000]
  return oneOf<Change>([
    { expiry: ends },
    ...accounts.slice(2, 4).map((client) => ({ client })),
    ...asks.map((ask) => asking(request, ask)),
    ...expiries.map((expiry): Change => ({ expiry })),
    ...lengths.map((length, place) => withContent(request, length, place * 100)),
  ])
}

/** A request of which one thing or two are at an edge or beyond it: the first wrong one has to be named. */
export const drawOddRequest = Effect.fnUntraced(function* (who: number, now: bigint) {
  const request = yield* drawRequest(who, now)
  const odd = new StorageRequest({ ...request, ...(yield* drawChange(request, now)) })
  return (yield* chance(30)) ? new StorageRequest({ ...odd, ...(yield* drawChange(odd, now)) }) : odd
})
