import { ChainClock } from "@pecia/clock"
import { RequestId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Clock, Effect, Option } from "effect"
import { awaitCleared, balances, DemoStopped, deleteFile, fetchBack, until, upload, wealthOfAll } from "./Acts.ts"
import { glanceAt, listen } from "./Audience.ts"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import type { Outcome } from "./Ledger.ts"
import { type Actor, type Cast, contractTokens, offerSpace, startNodes, timeOf, wealthOf } from "./Nodes.ts"
import type { Plan } from "./Plan.ts"

type Uploaded = Effect.Success<ReturnType<typeof upload>>
type Listener = Effect.Success<typeof listen>
type Glance = Effect.Success<ReturnType<typeof glanceAt>>

/** Buys storage for what the client has, and waits until the chain has the request. */
const buy = Effect.fnUntraced(function* ({ client }: Actor, cid: string, plan: Plan) {
  const market = yield* Market
  const digits = yield* client.requestStorage({
    params: { cid },
    payload: {
      duration: plan.durationSeconds,
      pricePerBytePerSecond: plan.pricePerBytePerSecond,
      proofProbability: 1n,
      expiry: plan.expirySeconds,
      nodes: BigInt(plan.slots),
      tolerance: BigInt(plan.tolerance),
    },
  })
  const id = RequestId.make(`0x${digits}`)
  yield* until("the request is on the chain", Effect.map(market.requestState(id), Option.isSome), 60n)
  return id
})

/** Starts everybody. All hosts but the last have room for a slot. */
const raiseCurtain = Effect.fnUntraced(function* (plan: Plan) {
  const { say } = yield* Board
  const cast = yield* startNodes(plan)
  const before = yield* wealthOfAll(cast)
  yield* Effect.forEach(cast.hosts.slice(0, plan.slots), (host) => offerRoom(host, plan), { concurrency: "unbounded" })
  yield* say(
    `A client, ${cast.hosts.length} hosts and a validator are up, each a process with a folder and an account. Hosts 1 to ${plan.slots} offer room for one slot each.`,
  )
  return { cast, before }
})

const offerRoom = (host: Actor, plan: Plan) =>
  offerSpace(host, plan, { totalSize: plan.slotSizeBytes, minPricePerBytePerSecond: plan.pricePerBytePerSecond })

/** The contract that is played, and how to wait for what becomes of it. */
const contractOf = (id: RequestId, { hosts }: Cast, plan: Plan, storyOf: Listener) => {
  const glance = glanceAt(id, plan, hosts, storyOf)
  return {
    id,
    glance,
    /** Waits while the contract goes on. */
    until: (what: string, isSo: (seen: Glance) => boolean) => {
      const look = Effect.flatMap(glance, (seen) =>
        seen.request === "New" || seen.request === "Started"
          ? Effect.succeed(isSo(seen))
          : Effect.fail(new DemoStopped({ message: `The request has ${seen.request.toLowerCase()} before ${what}.` })),
      )
      return until(what, look, plan.durationSeconds)
    },
  }
}
type Contract = ReturnType<typeof contractOf>

/** Kills the host of a slot for good. The file still comes back, and the slot is freed when it has missed enough proofs. */
const loseHost = Effect.fnUntraced(function* (contract: Contract, { client, hosts }: Cast, uploaded: Uploaded) {
  const { say } = yield* Board
  const [slot] = (yield* contract.glance).slots
  const dead = hosts.find(({ address }) => address === slot?.address)
  if (slot === undefined || dead === undefined) return yield* new DemoStopped({ message: "Nobody keeps slot 0." })
  const { index } = slot
  yield* dead.kill("SIGKILL")
  yield* say(`Killed for good, in the middle: ${dead.name}, which keeps slot ${index}.`)
  const retrievedSha256 = yield* fetchBack(
    client,
    uploaded,
    "The client fetched the file back from the hosts that are left",
  )
  yield* say("The validator marks each proof that the dead host owes.")
  yield* contract.until("the slot of the dead host is free", ({ slots }) => {
    const freed = slots[index]
    return freed?.state === "Free" && freed.filledIn === null
  })
  const { missed = 0 } = (yield* contract.glance).slots[index] ?? {}
  return { index, dead, missed, retrievedSha256 }
})

/** A host that has nothing yet takes the free slot: rebuilds it from the others, and proves it from then on. */
const replaceHost = Effect.fnUntraced(function* (contract: Contract, index: number, spare: Actor, plan: Plan) {
  const { say } = yield* Board
  yield* offerRoom(spare, plan)
  yield* say(
    `Slot ${index} is free: ${spare.name} offers room, takes it, and rebuilds it from the other slots; the client has no part in that.`,
  )
  yield* contract.until("the free slot is filled again", ({ slots }) => {
    const filled = slots[index]
    return filled?.address === spare.address && filled.filledIn !== null
  })
  yield* say(`Slot ${index} is whole again: ${spare.name} has rebuilt it and proven it to the chain.`)
  yield* contract.until("every slot is proven twice more", ({ slots }) => slots.every(({ proofs }) => proofs >= 2))
})

/** How long nobody is paid for the slot: from the request until its present host had filled it. */
const unpaidSeconds = Effect.fnUntraced(function* (
  id: RequestId,
  slot: Glance["slots"][number] | undefined,
  plan: Plan,
) {
  const filledIn = slot?.filledIn ?? null
  if (filledIn === null) return yield* new DemoStopped({ message: "The slot of the dead host has no host again." })
  const createdAt = (yield* (yield* Market).requestEnd(id)) - plan.durationSeconds
  return (yield* timeOf(filledIn)) - createdAt
})

/** What the contract takes from a host that has missed so many proofs, and the part of it for whoever marked them. */
const penaltyFor = Effect.fnUntraced(function* (missed: number, { config: { collateral } }: Plan) {
  const { markerPercentage } = yield* (yield* Market).options
  const slashed =
    BigInt(missed) < collateral.slashCriterion ? 0n : (collateral.initialAmount * collateral.slashPercentage) / 100n
  return { slashed, markerReward: (slashed * markerPercentage) / 100n }
})

/** Nothing new would happen until the end, so the chain's clock is set forward to it. Waits until everybody has what is theirs. */
const finish = Effect.fnUntraced(function* (contract: Contract, { client, hosts }: Cast, dead: Actor) {
  const { say } = yield* Board
  const { devnet } = yield* Testnet
  const market = yield* Market
  const clock = yield* ChainClock
  const tokens = yield* wealthOf(client)
  const left = (yield* market.requestEnd(contract.id)) - (yield* clock.now) + 1n
  yield* say(`Nothing new would happen for the rest of the contract: the chain's clock is set forward by ${left}s.`)
  yield* devnet.increaseTime(left)
  const allPaid = Effect.map(contract.glance, ({ slots }) => slots.every(({ state }) => state === "Paid"))
  yield* until("every slot is paid", allPaid, 120n)
  yield* awaitCleared(hosts.filter((host) => host !== dead))
  yield* until(
    "the client has taken back what no host earned",
    Effect.map(wealthOf(client), (now) => now > tokens),
    120n,
  )
  yield* say("The contract has ended. The hosts are paid, their data is gone, their space is on offer again.")
})

/** From a file to a finished contract, one host of which is lost on the way; what it needs is started and ended with the scope. */
export const demo = Effect.fn("demo")(function* (file: DemoFile, plan: Plan) {
  const startedMillis = yield* Clock.currentTimeMillis
  const { say } = yield* Board
  const { deployment, devnet } = yield* Testnet
  const storyOf = yield* listen

  yield* say(`A chain of its own, a block each second; the marketplace is ${deployment.marketplace} at ${devnet.url}.`)
  const { before, cast } = yield* raiseCurtain(plan)
  const { client, hosts } = cast
  const spare = hosts.at(-1)
  if (spare === undefined) return yield* Effect.die("the demo has no hosts")
  const uploaded = yield* upload(client, file)
  const id = yield* buy(client, uploaded.cid, plan)
  yield* say(
    `It pays in advance for ${plan.slots} slots, any ${plan.slots - plan.tolerance} of which are enough, and ${plan.durationSeconds} seconds: request ${id}`,
  )

  const contract = contractOf(id, cast, plan, storyOf)
  yield* contract.until("all slots are filled", ({ request }) => request === "Started")
  yield* say("Every slot is filled: each host has fetched its part and proven it to the chain.")
  yield* contract.until("every slot is proven once more", ({ slots }) => slots.every(({ proofs }) => proofs >= 1))
  yield* deleteFile(client, uploaded)
  yield* say("The client deleted the file; nothing of it is left there.")
  const { dead, ...loss } = yield* loseHost(contract, cast, uploaded)
  yield* replaceHost(contract, loss.index, spare, plan)
  const retrievedSha256 = yield* fetchBack(client, uploaded, "The client fetched the file back once more")
  yield* finish(contract, cast, dead)

  const end = yield* contract.glance
  const lost = end.slots[loss.index]
  return {
    file: { bytes: file.bytes, sha256: uploaded.sha256 },
    retrievedSha256,
    request: {
      id,
      state: end.request,
      durationSeconds: plan.durationSeconds,
      reward: plan.slotSizeBytes * plan.pricePerBytePerSecond,
    },
    slots: end.slots.map(({ index, address, state, proofs }) => ({ index, host: address, state, proofs })),
    lost: {
      ...loss,
      host: dead.address,
      proofs: lost?.earlierProofs ?? 0,
      unpaidSeconds: yield* unpaidSeconds(id, lost, plan),
      ...(yield* penaltyFor(loss.missed, plan)),
    },
    ...(yield* balances(cast, before, dead)),
    contractTokens: yield* contractTokens(cast),
    minted: plan.clientTokens + plan.hostTokens * BigInt(plan.hosts),
    seconds: Math.round(((yield* Clock.currentTimeMillis) - startedMillis) / 100) / 10,
  } satisfies Outcome
})
