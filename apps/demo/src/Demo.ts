import { createHash } from "node:crypto"
import { RequestId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Clock, Effect, FileSystem, Option, Schedule, Schema, Stream } from "effect"
import { countProofs, glanceAt } from "./Audience.ts"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import type { Outcome } from "./Ledger.ts"
import { type Actor, spaceOf, startNodes, wealthOf } from "./Nodes.ts"
import { type Plan, priceOf } from "./Plan.ts"

/** The demo cannot go on; `message` says where it stopped. */
export class DemoStopped extends Schema.TaggedError<DemoStopped>()("DemoStopped", { message: Schema.String }) {}

/** Looks again until it is so, or until the time is up. */
const until = <E, R>(what: string, holds: Effect.Effect<boolean, E, R>, seconds: bigint) =>
  holds.pipe(
    Effect.repeat({ schedule: Schedule.spaced("250 millis"), until: (so) => so }),
    Effect.timeoutOrElse({
      duration: `${Number(seconds)} seconds`,
      orElse: () => Effect.fail(new DemoStopped({ message: `Waited ${seconds} seconds in vain until ${what}.` })),
    }),
    Effect.asVoid,
  )

const sha256Of = Effect.fnUntraced(function* <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) {
  const hash = createHash("sha256")
  yield* Stream.runForEach(bytes, (chunk) => Effect.sync(() => hash.update(chunk)))
  return hash.digest("hex")
})

const offerSpace =
  (plan: Plan) =>
  ({ client }: Actor) =>
    client.createAvailability({
      payload: {
        totalSize: plan.slotSizeBytes,
        duration: plan.durationSeconds,
        minPricePerBytePerSecond: plan.pricePerBytePerSecond,
        totalCollateral: plan.config.collateral.initialAmount,
      },
    })

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
      tolerance: 1n,
    },
  })
  const id = RequestId.make(`0x${digits}`)
  yield* until("the request is on the chain", Effect.map(market.requestState(id), Option.isSome), 30n)
  return id
})

/** Deletes the file at the client and fetches it from the hosts. */
const fetchBack = Effect.fnUntraced(function* ({ client }: Actor, cid: string) {
  yield* client.deleteData({ params: { cid } })
  const { content } = yield* client.listData()
  if (content.length > 0) return yield* new DemoStopped({ message: "The client still has the file after deleting it." })
  return yield* sha256Of(Stream.unwrap(client.streamData({ params: { cid } })))
})

/** Waits until nothing is left to do: slots paid, data gone, space on offer, the purchase finished. */
const awaitEnd = Effect.fnUntraced(function* <E, R>(
  client: Actor,
  hosts: ReadonlyArray<Actor>,
  id: RequestId,
  allPaid: Effect.Effect<boolean, E, R>,
  plan: Plan,
) {
  yield* until("the contract has ended and every slot is paid", allPaid, plan.durationSeconds + 60n)
  const cleared = Effect.map(Effect.forEach(hosts, spaceOf), (all) =>
    all.every(({ usedBytes, freeBytes, offeredBytes }) => usedBytes === 0n && freeBytes === offeredBytes),
  )
  yield* until("the hosts have cleared their data and offer the space again", cleared, 30n)
  const finished = Effect.map(client.client.purchase({ params: { id } }), ({ state }) => state === "finished")
  yield* until("the client knows that its purchase has finished", finished, 30n)
})

/** From a file to a finished contract; what it needs is started and ended with the scope. */
export const demo = Effect.fn("demo")(function* (file: DemoFile, plan: Plan) {
  const startedMillis = yield* Clock.currentTimeMillis
  const fs = yield* FileSystem.FileSystem
  const { say } = yield* Board
  const market = yield* Market
  const { deployment, devnet } = yield* Testnet
  const proofsOf = yield* countProofs

  yield* say(`A chain of its own, a block each second; the marketplace is ${deployment.marketplace} at ${devnet.url}.`)
  const { client, hosts } = yield* startNodes(plan)
  const before = { client: yield* wealthOf(client), hosts: yield* Effect.forEach(hosts, wealthOf) }
  yield* Effect.forEach(hosts, offerSpace(plan), { concurrency: "unbounded" })
  yield* say(
    `A client and ${hosts.length} hosts are up, each a process with a folder and an account. Each host offers room for one slot.`,
  )

  const sha256 = yield* sha256Of(fs.stream(file.path))
  const cid = yield* client.client.upload({ payload: fs.stream(file.path), headers: {} })
  yield* say(`The client has the file, ${file.bytes} bytes: ${cid}`)
  const id = yield* buy(client, cid, plan)
  yield* say(`It pays in advance for ${plan.slots} slots and ${plan.durationSeconds} seconds: request ${id}`)

  const glance = glanceAt(id, plan, hosts, proofsOf)
  const filled = Effect.flatMap(glance, ({ request }) =>
    request === "New" || request === "Started"
      ? Effect.succeed(request === "Started")
      : Effect.fail(
          new DemoStopped({ message: `The request has ${request.toLowerCase()} before every slot was filled.` }),
        ),
  )
  yield* until("all slots are filled", filled, plan.expirySeconds + 30n)
  yield* say("Every slot is filled: each host has fetched its part and proven it to the chain.")
  const retrievedSha256 = yield* fetchBack(client, cid)
  yield* say(
    `The client deleted the file and fetched it back from the hosts: ${retrievedSha256 === sha256 ? "the same bytes" : "other bytes"}.`,
  )

  const allPaid = Effect.map(glance, ({ slots }) => slots.every(({ state }) => state === "Paid"))
  yield* awaitEnd(client, hosts, id, allPaid, plan)
  const end = yield* glance
  yield* say("The contract has ended. The hosts are paid, their data is gone, their space is on offer again.")

  const collateral = yield* Effect.forEach(hosts, ({ address }) => market.collateral(address))
  const hostsAtEnd = yield* Effect.forEach(hosts, (host, index) =>
    Effect.all({ after: wealthOf(host), space: spaceOf(host) }).pipe(
      Effect.map(({ after, space }) => ({ address: host.address, before: before.hosts[index] ?? 0n, after, ...space })),
    ),
  )
  return {
    file: { bytes: file.bytes, sha256 },
    retrievedSha256,
    request: { id, state: end.request },
    slots: end.slots.map(({ index, address, state, proofs }) => ({ index, host: address, state, proofs })),
    client: { before: before.client, after: yield* wealthOf(client) },
    hosts: hostsAtEnd,
    contractTokens: (yield* market.tokens(deployment.marketplace)) - collateral.reduce((sum, one) => sum + one, 0n),
    minted: plan.clientTokens + plan.hostTokens * BigInt(plan.hosts),
    price: priceOf(plan),
    seconds: Math.round(((yield* Clock.currentTimeMillis) - startedMillis) / 100) / 10,
  } satisfies Outcome
})
