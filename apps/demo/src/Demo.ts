import { RequestId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Clock, Effect, Option } from "effect"
import { awaitCleared, balances, DemoStopped, fetchBack, until, upload, wealthOfAll } from "./Acts.ts"
import { countProofs, glanceAt } from "./Audience.ts"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import type { Outcome } from "./Ledger.ts"
import { type Actor, contractTokens, offerSpace, startNodes } from "./Nodes.ts"
import { type Plan, priceOf } from "./Plan.ts"

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

/** From a file to a finished contract; what it needs is started and ended with the scope. */
export const demo = Effect.fn("demo")(function* (file: DemoFile, plan: Plan) {
  const startedMillis = yield* Clock.currentTimeMillis
  const { say } = yield* Board
  const { deployment, devnet } = yield* Testnet
  const proofsOf = yield* countProofs

  yield* say(`A chain of its own, a block each second; the marketplace is ${deployment.marketplace} at ${devnet.url}.`)
  const { client, hosts } = yield* startNodes(plan)
  const before = yield* wealthOfAll(client, hosts)
  const space = { totalSize: plan.slotSizeBytes, minPricePerBytePerSecond: plan.pricePerBytePerSecond }
  yield* Effect.forEach(hosts, (host) => offerSpace(host, plan, space), { concurrency: "unbounded" })
  yield* say(
    `A client and ${hosts.length} hosts are up, each a process with a folder and an account. Each host offers room for one slot.`,
  )

  const uploaded = yield* upload(client, file)
  const id = yield* buy(client, uploaded.cid, plan)
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
  const retrievedSha256 = yield* fetchBack(client, uploaded)

  const allPaid = Effect.map(glance, ({ slots }) => slots.every(({ state }) => state === "Paid"))
  yield* until("the contract has ended and every slot is paid", allPaid, plan.durationSeconds + 60n)
  yield* awaitCleared(hosts)
  const finished = Effect.map(client.client.purchase({ params: { id } }), ({ state }) => state === "finished")
  yield* until("the client knows that its purchase has finished", finished, 30n)
  const end = yield* glance
  yield* say("The contract has ended. The hosts are paid, their data is gone, their space is on offer again.")

  return {
    file: { bytes: file.bytes, sha256: uploaded.sha256 },
    retrievedSha256,
    request: { id, state: end.request },
    slots: end.slots.map(({ index, address, state, proofs }) => ({ index, host: address, state, proofs })),
    ...(yield* balances(client, hosts, before)),
    contractTokens: yield* contractTokens(hosts),
    minted: plan.clientTokens + plan.hostTokens * BigInt(plan.hosts),
    price: priceOf(plan),
    seconds: Math.round(((yield* Clock.currentTimeMillis) - startedMillis) / 100) / 10,
  } satisfies Outcome
})
