import { assert } from "@effect/vitest"
import {
  type Address,
  Nonce,
  type RequestId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Effect, Option, Schema } from "effect"
import type { Market } from "../src/index.ts"
import { MarketBed } from "../src/testing/index.ts"
import { proof } from "../src/testing/Scenario.ts"

type MarketOf = Market["Service"]

/** As often as they stand here. */
const verbs = [
  "approve",
  "deposit",
  "withdraw",
  "request",
  "request",
  "request",
  "request",
  "request",
  "fill",
  "fill",
  "fill",
  "fill",
  "fill",
  "fill",
  "fill",
  "fill",
  "fill",
  "free",
  "free",
  "prove",
  "prove",
  "mark",
  "mark",
  "mark",
  "mark",
  "withdrawFunds",
  "withdrawFunds",
  "wait",
  "wait",
  "wait",
  "wait",
  "wait",
  "mine",
] as const
export type Verb = (typeof verbs)[number]

const below = (count: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: count - 1 })))

/** One call, drawn at random. Who it is that calls, and of what, only roughly: most calls are by someone who can make them. */
export const Step = Schema.Struct({
  verb: below(verbs.length),
  who: below(4),
  request: below(2),
  slot: below(2),
  size: below(12),
})
export type Step = typeof Step.Type

const take = <A>(values: ReadonlyArray<A>, index: number): A => values[index] ?? assert.fail(`nothing at ${index}`)

const tokensEach = 2_000n
const depositEach = 100n
const reward = 1n
const duration = 130n
const slotsEach = 2n

const verbOf = (step: Step): Verb => take(verbs, step.verb)

/** The first bears no loss, the second that of one slot. Either expires after 70 seconds, in the midst of most runs. */
const newRequest = (client: Address, nonce: number, now: bigint) =>
  new StorageRequest({
    client,
    ask: new StorageAsk({
      slots: slotsEach,
      slotSize: 1n,
      duration,
      proofProbability: 1n,
      reward,
      maxSlotLoss: BigInt(nonce),
    }),
    content: new StorageContent({
      cid: "",
      erasure: { totalChunks: 0n },
      por: new StoragePor({ u: new Uint8Array(), publicKey: new Uint8Array(), name: new Uint8Array() }),
    }),
    expiry: now + 70n,
    nonce: Nonce.make(`0x${nonce.toString(16).padStart(64, "0")}`),
  })

/** Four accounts with money, and one request by each of the first two that is not on the market yet. */
const makeWorld = Effect.gen(function* () {
  const bed = yield* MarketBed
  const markets: Array<MarketOf> = []
  for (let i = 0; i < 4; i++) {
    const market = yield* bed.newMarket(tokensEach)
    yield* market.approveFunds(tokensEach)
    if (i > 0) yield* market.deposit(depositEach)
    markets.push(market)
  }
  const now = yield* bed.now
  const requests = markets.slice(0, 2).map(({ account }, nonce) => newRequest(account, nonce, now))
  const ids = requests.map(StorageRequest.id)
  const slots = ids.flatMap((id) => Array.from({ length: Number(slotsEach) }, (_, index) => slotId(id, BigInt(index))))
  return { bed, markets, requests, ids, slots }
})

export type World = Effect.Success<typeof makeWorld>

const perform = Effect.fnUntraced(function* ({ bed, ids, markets, requests }: World, step: Step) {
  const market = take(markets, step.who)
  const client = take(markets, step.size < 10 ? step.request : step.who)
  const hosts = markets.slice(1)
  const id: RequestId = take(ids, step.request)
  const slot = slotId(id, BigInt(step.slot))
  const byHost = Effect.fnUntraced(function* () {
    const host = yield* market.getHost(slot)
    const owner = markets.find(({ account }) => Option.contains(host, account))
    return step.size < 10 && owner ? owner : market
  })
  switch (verbOf(step)) {
    case "approve":
      return yield* market.approveFunds(BigInt(step.size))
    case "deposit":
      return yield* market.deposit(BigInt(step.size) * 30n)
    case "withdraw":
      return yield* (step.size < 9 ? take(markets, 0) : market).withdraw
    case "request":
      return yield* Effect.asVoid(client.requestStorage(take(requests, step.request)))
    case "fill":
      return yield* (step.size < 10 ? take(hosts, step.who % hosts.length) : market).fillSlot(
        id,
        BigInt(step.slot),
        proof,
      )
    case "free":
      return yield* (yield* byHost()).freeSlot(slot)
    case "prove":
      return yield* (yield* byHost()).submitProof(slot, proof)
    case "mark": {
      const { period } = (yield* market.config).proofs
      return yield* market.markProofAsMissing(slot, (yield* bed.now) / period - 1n)
    }
    case "withdrawFunds":
      return yield* client.withdrawFunds(id)
    case "wait":
      return yield* bed.advanceTo((yield* bed.now) + BigInt(step.size * step.size) / 2n)
    case "mine":
      return yield* bed.advanceBlocks(BigInt(step.size) * 20n)
  }
})

const look = Effect.fnUntraced(function* ({ bed, ids, markets, slots }: World) {
  const any = take(markets, 0)
  const accounts = markets.map(({ account }) => account)
  return {
    contract: yield* any.tokens(bed.contract),
    wallets: yield* Effect.forEach(accounts, any.tokens),
    collaterals: yield* Effect.forEach(accounts, any.collateral),
    requests: yield* Effect.forEach(ids, any.requestState),
    slots: yield* Effect.forEach(slots, any.slotState),
    hosts: yield* Effect.forEach(slots, any.getHost),
    missed: yield* Effect.forEach(slots, any.missingProofs),
    mySlots: yield* Effect.forEach(markets, ({ mySlots }) => mySlots),
    myRequests: yield* Effect.forEach(markets, ({ myRequests }) => myRequests),
  }
})

/** All that the views tell of a world. */
export type View = Effect.Success<ReturnType<typeof look>>

/** Calls at random on whatever market a bed has, for laws that hold under any calls. */
export const RandomCalls = {
  /** Tokens that each of the four accounts begins with, collateral included. */
  tokensEach,
  /** Collateral that all but the first of them begin with. Fits a market with an initial amount of 100. */
  depositEach,
  /** What each of the two requests costs. */
  price: slotsEach * duration * reward,
  /** Seconds from the making of a world to the end of a request, at the most, when it is made at once. */
  duration,
  verbOf,
  makeWorld,
  /** Makes one call. Fails as the call fails. */
  perform,
  look,
} as const
