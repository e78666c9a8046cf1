import { assert, type Vitest } from "@effect/vitest"
import {
  type Address,
  Nonce,
  type Period,
  Periodicity,
  type RequestId,
  SlotId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Effect } from "effect"
import { keccak256Of } from "../internal/keccak256.ts"
import type { Market } from "../Market.ts"
import type { ChainError } from "../MarketError.ts"
import { MarketBed } from "./MarketBed.ts"

/** What a file of behaviours declares its tests with. */
export type It = Vitest.MethodsNonLive<MarketBed>

type MarketOf = Market["Service"]

/** A contract whose constants can be read. */
type Constants = Pick<MarketOf, "config">

/** The contract of the suite has no verifier, or one that accepts everything: any bytes are a proof. */
export const proof = new Uint8Array([42])

/** The effect fails with just this error: the same class, the same evidence. */
export const failsWith = <A, E extends object, R>(effect: Effect.Effect<A, E, R>, expected: E, what?: string) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error.constructor, expected.constructor, what)
    assert.deepStrictEqual({ ...error }, { ...expected }, what)
  })

/** The effect fails with a revert or panic that has no error of its own. */
export const failsWithPanic = <A>(effect: Effect.Effect<A, ChainError | { readonly _tag: string }>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error._tag, "ChainError")
    if ("reason" in error) assert.strictEqual(error.reason._tag, "Reverted")
  })

/** What a test may want to differ from the usual request. */
export type Terms = Partial<
  Pick<StorageAsk, "slots" | "slotSize" | "duration" | "proofProbability" | "reward" | "maxSlotLoss">
> & { readonly expiry?: bigint; readonly nonce?: number; readonly cid?: string }

const usual = { slots: 2n, slotSize: 65_536n, duration: 20_000n, proofProbability: 1n, reward: 3n, maxSlotLoss: 1n }

/** A request of two slots that expires 10,000 seconds from now and ends after 20,000. */
export const newRequest = Effect.fnUntraced(function* (
  client: Address,
  { cid = "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob", expiry, nonce = 1, ...terms }: Terms = {},
) {
  const bed = yield* MarketBed
  return new StorageRequest({
    client,
    ask: new StorageAsk({ ...usual, ...terms }),
    content: new StorageContent({
      cid,
      erasure: { totalChunks: 12n },
      por: new StoragePor({ u: new Uint8Array([7]), publicKey: new Uint8Array(), name: new Uint8Array([1, 2]) }),
    }),
    expiry: expiry ?? (yield* bed.now) + 10_000n,
    nonce: Nonce.make(`0x${nonce.toString(16).padStart(64, "0")}`),
  })
})

/** An account with `tokens` that the contract may take. */
export const newSpender = Effect.fnUntraced(function* (tokens: bigint) {
  const bed = yield* MarketBed
  const market = yield* bed.newMarket(tokens)
  yield* market.approveFunds(tokens)
  return market
})

/** An account that has put up just the collateral that a slot takes. */
export const newHost = Effect.gen(function* () {
  const bed = yield* MarketBed
  const { collateral } = yield* (yield* bed.newMarket(0n)).config
  const host = yield* newSpender(collateral.initialAmount)
  yield* host.deposit(collateral.initialAmount)
  return host
})

/** A request on the market, for which its client gave all of its tokens. */
export const submitted = Effect.fnUntraced(function* (terms?: Terms) {
  const price = StorageAsk.price(new StorageAsk({ ...usual, ...terms }))
  const client = yield* newSpender(price)
  const request = yield* newRequest(client.account, terms)
  const requestId = yield* client.requestStorage(request)
  return { client, request, requestId, price, pricePerSlot: StorageAsk.pricePerSlot(request.ask) }
})

/** A request of which one host has filled slot 0. */
export const filled = Effect.fnUntraced(function* (terms?: Terms) {
  const scene = yield* submitted(terms)
  const host = yield* newHost
  yield* host.fillSlot(scene.requestId, 0n, proof)
  return { ...scene, host, slot: slotId(scene.requestId, 0n) }
})

/** A request that one host has filled, all slots of it. */
export const started = Effect.fnUntraced(function* (terms?: Terms) {
  const scene = yield* submitted(terms)
  const host = yield* newHost
  yield* fillAll(host, scene.requestId, scene.request.ask.slots)
  const slots = Array.from({ length: Number(scene.request.ask.slots) }, (_, i) => slotId(scene.requestId, BigInt(i)))
  return { ...scene, host, slots, slot: slotId(scene.requestId, 0n), lastSlot: slotId(scene.requestId, 1n) }
})

const fillAll = Effect.fnUntraced(function* (host: MarketOf, requestId: RequestId, slots: bigint) {
  for (let index = 0n; index < slots; index++) yield* host.fillSlot(requestId, index, proof)
})

/** An id that belongs to nothing on the chain. */
export const strangeId = Effect.gen(function* () {
  const bed = yield* MarketBed
  const { account } = yield* bed.newMarket(0n)
  return SlotId.make(`${account}${"0".repeat(24)}`)
})

/** Has a new account tell the market something new each time: `tell(n)` puts the n-th of its requests there, which pays nothing. */
export const newTeller = Effect.gen(function* () {
  const bed = yield* MarketBed
  const market = yield* bed.newMarket(0n)
  const request = (nonce: number) => newRequest(market.account, { reward: 0n, nonce })
  return {
    market,
    tell: (nonce: number) => Effect.flatMap(request(nonce), market.requestStorage),
    idOf: (nonce: number) => Effect.map(request(nonce), StorageRequest.id),
  }
})

/** The period of now, and its first and last-plus-one second. */
export const thisPeriod = Effect.fnUntraced(function* (market: Constants) {
  const bed = yield* MarketBed
  const seconds = (yield* market.config).proofs.period
  const period = Periodicity.periodOf({ seconds }, yield* bed.now)
  return { period, end: Periodicity.periodEnd({ seconds }, period) }
})

/** Moves to the first second of the next period. */
export const enterNextPeriod = Effect.fnUntraced(function* (market: Constants) {
  const bed = yield* MarketBed
  yield* bed.advanceTo((yield* thisPeriod(market)).end)
})

/** Where the slot's pointer of a period stands in the block that comes next (section 4, with the draw of hole 8). */
export const pointerIn = Effect.fnUntraced(function* (slot: SlotId, period: Period) {
  const bed = yield* MarketBed
  return ((yield* bed.blockNumber) + 1n + keccak256Of(BigInt(slot), period)) % 256n
})

/** Mines blocks until the slot's pointer of a period is `pointer`, at the time of now. */
export const movePointer = Effect.fnUntraced(function* (slot: SlotId, period: Period, pointer: bigint) {
  const bed = yield* MarketBed
  const blocks = (pointer - (yield* pointerIn(slot, period)) + 256n) % 256n
  if (blocks > 0n) yield* bed.advanceBlocks(blocks)
})

/** Sees that the slot's pointer of a period is out of its downtime, and stays so for a few blocks. */
export const leaveDowntime = Effect.fnUntraced(function* (market: Constants, slot: SlotId, period: Period) {
  const { downtime } = (yield* market.config).proofs
  const pointer = yield* pointerIn(slot, period)
  if (pointer < downtime || pointer > 240n) yield* movePointer(slot, period, downtime)
})

/** Whether the slot owes a proof in this period: now, or as soon as its pointer has left the downtime. */
export const isDue = (market: MarketOf, slot: SlotId) =>
  Effect.zipWith(market.isProofRequired(slot), market.willProofBeRequired(slot), (is, willBe) => is || willBe)

/** Lets the host miss the proof of the next period. Ends in the first second in which that can be told. */
export const missProof = Effect.fnUntraced(function* (market: Constants, slot: SlotId) {
  const bed = yield* MarketBed
  yield* enterNextPeriod(market)
  const { end, period } = yield* thisPeriod(market)
  yield* bed.advanceTo(end + 1n)
  yield* leaveDowntime(market, slot, period)
  return period
})

/** Misses as many proofs as one slash takes, and marks them. */
export const slashOnce = Effect.fnUntraced(function* (validator: MarketOf, slot: SlotId) {
  const { slashCriterion } = (yield* validator.config).collateral
  for (let i = 0n; i < slashCriterion; i++) yield* validator.markProofAsMissing(slot, yield* missProof(validator, slot))
})
