import { assert, describe, it } from "@effect/vitest"
import {
  type Address,
  MarketplaceConfig,
  Nonce,
  SlotId,
  type SlotState,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
  slotId,
} from "@pecia/contracts-abi"
import { Effect, Exit, Fiber, Option, Schema, Stream } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { type Market, type MarketEvent, MemoryChain } from "../src/index.ts"

type MarketOf = Market["Service"]

const verbs = [
  "approve",
  "deposit",
  "withdraw",
  "request",
  "request",
  "fill",
  "fill",
  "fill",
  "fill",
  "free",
  "free",
  "prove",
  "mark",
  "mark",
  "mark",
  "withdrawFunds",
  "wait",
  "wait",
  "wait",
  "mine",
  "mine",
] as const

const below = (count: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: count - 1 })))

const Step = Schema.Struct({
  verb: below(verbs.length),
  who: below(4),
  request: below(2),
  slot: below(2),
  size: below(12),
})
type Step = typeof Step.Type

const steps = Arbitrary.array(Arbitrary.schema(Step), { minLength: 60, maxLength: 90 })

const proof = new Uint8Array([1])
const minted = 2_000n

/** Hard on hosts: the second missed proof costs the slot. */
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 50n, slashCriterion: 1n, slashPercentage: 40n },
  proofs: { period: 10n, timeout: 9n, downtime: 20n },
})

/** Four accounts with money, and one request by each of the first two that is not on the market yet. */
const makeWorld = Effect.gen(function* () {
  const chain = yield* MemoryChain
  yield* chain.advanceTo(1_000n)
  const markets: Array<MarketOf> = []
  for (let i = 0; i < 4; i++) {
    const account = yield* chain.newAccount
    yield* chain.mint(account, minted)
    const market = chain.market(account)
    yield* market.approveFunds(minted)
    if (i > 0) yield* market.deposit(100n)
    markets.push(market)
  }
  const requests = markets.slice(0, 2).map(({ account }, i) => newRequest(account, i))
  const ids = requests.map(StorageRequest.id)
  const slots = ids.flatMap((id) => [slotId(id, 0n), slotId(id, 1n)])
  return { chain, markets, requests, ids, slots }
})

type World = Effect.Success<typeof makeWorld>

const newRequest = (client: Address, nonce: number) =>
  new StorageRequest({
    client,
    ask: new StorageAsk({
      slots: 2n,
      slotSize: 1n,
      duration: 300n,
      proofProbability: 1n,
      reward: 1n,
      maxSlotLoss: BigInt(nonce),
    }),
    content: new StorageContent({
      cid: "",
      erasure: { totalChunks: 0n },
      por: new StoragePor({ u: new Uint8Array(), publicKey: new Uint8Array(), name: new Uint8Array() }),
    }),
    expiry: 1_150n,
    nonce: Nonce.make(`0x${nonce.toString(16).padStart(64, "0")}`),
  })

const take = <A>(values: ReadonlyArray<A>, index: number): A => values[index] ?? assert.fail(`nothing at ${index}`)

const perform = Effect.fnUntraced(function* ({ chain, ids, markets, requests }: World, step: Step) {
  const market = take(markets, step.who)
  const client = take(markets, step.size < 10 ? step.request : step.who)
  const id = take(ids, step.request)
  const slot = slotId(id, BigInt(step.slot))
  switch (take(verbs, step.verb)) {
    case "approve":
      return yield* market.approveFunds(BigInt(step.size))
    case "deposit":
      return yield* market.deposit(BigInt(step.size) * 30n)
    case "withdraw":
      return yield* market.withdraw
    case "request":
      return yield* Effect.asVoid(client.requestStorage(take(requests, step.request)))
    case "fill":
      return yield* market.fillSlot(id, BigInt(step.slot), proof)
    case "free": {
      const host = yield* market.getHost(slot)
      const owner = markets.find(({ account }) => Option.contains(host, account))
      return yield* (step.size < 10 && owner ? owner : market).freeSlot(slot)
    }
    case "prove":
      return yield* market.submitProof(slot, proof)
    case "mark":
      return yield* market.markProofAsMissing(slot, (yield* chain.now) / 10n - 1n)
    case "withdrawFunds":
      return yield* client.withdrawFunds(id)
    case "wait":
      return yield* chain.advanceTo((yield* chain.now) + BigInt(step.size) * 4n)
    case "mine":
      return yield* chain.mine(BigInt(step.size) * 20n)
  }
})

/** All that the views tell. */
const look = Effect.fnUntraced(function* ({ chain, ids, markets, slots }: World) {
  const any = take(markets, 0)
  const accounts = markets.map(({ account }) => account)
  return {
    contract: yield* any.tokens(chain.contract),
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

type View = Effect.Success<ReturnType<typeof look>>

const total = (amounts: ReadonlyArray<bigint>) => amounts.reduce((sum, amount) => sum + amount, 0n)

/** The rows of the tables of section 3. */
const requestEdges = [
  "none New",
  "none Cancelled",
  "New Started",
  "New Cancelled",
  "Cancelled Finished",
  "Started Failed",
  "Started Finished",
]
const slotEdges = ["Free Filled", "Filled Free", "Filled Finished", "Filled Failed", "Finished Paid"]

const moves = (edges: ReadonlyArray<string>, from: string, to: string, by: string) => {
  if (from !== to) assert.include(edges, `${from} ${to}`, `by ${by}`)
}

/** Runs the steps on a chain of their own and checks a law after each of them. */
const walk = (
  path: ReadonlyArray<Step>,
  law: (before: View, after: View, step: Step, exit: Exit.Exit<void, unknown>, world: World) => void,
) =>
  Effect.gen(function* () {
    const world = yield* makeWorld
    let before = yield* look(world)
    for (const step of path) {
      const exit = yield* Effect.exit(perform(world, step))
      const after = yield* look(world)
      law(before, after, step, exit, world)
      before = after
    }
  }).pipe(Effect.provide(MemoryChain.layer({ config })))

const options = { arbitrary: { runs: 40 } }

describe("MemoryMarket, under any calls", () => {
  it.effect.prop(
    "wallets and contract together hold what was minted, and the contract all the collateral",
    [steps],
    ([path]) =>
      walk(path, (_before, after) => {
        assert.strictEqual(total(after.wallets) + after.contract, 4n * minted)
        assert.isTrue(after.contract >= total(after.collaterals))
      }),
    options,
  )

  it.effect.prop(
    "the escrow is what came in less what went out: received = balance + sent",
    [steps],
    ([path]) =>
      Effect.suspend(() => {
        const price = 600n
        let [received, sent, stored] = [0n, 0n, 300n]
        return walk(path, (before, after, step, exit) => {
          if (Exit.isFailure(exit)) return
          const index = step.request * 2 + step.slot
          const verb = take(verbs, step.verb)
          if (verb === "request") received += price
          if (verb === "withdrawFunds") sent += price
          if (verb === "free" && before.slots[index] === "Finished") sent += price / 2n
          if (verb === "deposit") stored += BigInt(step.size) * 30n
          if (verb === "withdraw") stored -= take(before.collaterals, step.who)
          assert.strictEqual(after.contract, received - sent + stored)
        })
      }),
    options,
  )

  it.effect.prop(
    "requests and slots move along the tables only",
    [steps],
    ([path]) =>
      walk(path, (before, after, step) => {
        const by = take(verbs, step.verb)
        for (const [i, to] of after.requests.entries()) {
          moves(
            requestEdges,
            Option.getOrElse(take(before.requests, i), () => "none"),
            Option.getOrElse(to, () => "none"),
            by,
          )
        }
        for (const [i, to] of after.slots.entries()) moves(slotEdges, take(before.slots, i), to, by)
      }),
    options,
  )

  it.effect.prop(
    "a call that fails changes nothing",
    [steps],
    ([path]) =>
      walk(path, (before, after, _step, exit) => {
        if (Exit.isFailure(exit)) assert.deepStrictEqual(after, before)
      }),
    options,
  )

  it.effect.prop(
    "a host holds the slots that name it as their host until it is paid or has left",
    [steps],
    ([path]) =>
      walk(path, (_before, after, _step, _exit, { markets, slots }) => {
        for (const [i, slot] of slots.entries()) {
          const holders = markets.filter((_, m) => take(after.mySlots, m).includes(slot)).map(({ account }) => account)
          const host = Option.toArray(take(after.hosts, i))
          const state: SlotState = take(after.slots, i)
          if (state === "Filled" || state === "Finished") assert.deepStrictEqual(holders, host)
          if (state === "Free" || state === "Paid") assert.deepStrictEqual(holders, [])
        }
      }),
    options,
  )

  it.effect.prop(
    "who follows the events from the start hears what a replay tells later",
    [steps],
    ([path]) =>
      Effect.gen(function* () {
        const world = yield* makeWorld
        const heard: Array<MarketEvent> = []
        const market = take(world.markets, 0)
        const following = yield* Stream.runForEach(market.events({ fromBlock: 0n }), (event) =>
          Effect.sync(() => heard.push(event)),
        ).pipe(Effect.forkChild({ startImmediately: true }))
        for (const step of path) yield* Effect.exit(perform(world, step))
        const last = SlotId.make(`0x${"f".repeat(64)}`)
        yield* market.submitProof(last, proof)
        const told = yield* market.events({ fromBlock: 0n }).pipe(
          Stream.takeUntil((event) => event._tag === "ProofSubmitted" && event.slotId === last),
          Stream.runCollect,
        )
        yield* Effect.yieldNow
        assert.deepStrictEqual(heard, told)
        yield* Fiber.interrupt(following)
      }).pipe(Effect.provide(MemoryChain.layer({ config }))),
    options,
  )
})
