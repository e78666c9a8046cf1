import type { RequestId } from "@pecia/contracts-abi"
import { OfferMarket } from "@pecia/market"
import { Testnet } from "@pecia/testnet"
import { Clock, Effect, Option } from "effect"
import { awaitCleared, balances, DemoStopped, deleteFile, fetchBack, until, upload, wealthOfAll } from "./Acts.ts"
import { Board } from "./Board.ts"
import type { DemoFile } from "./DemoFile.ts"
import { grouped } from "./Holdings.ts"
import { type Actor, contractTokens, offerSpace, startNodes } from "./Nodes.ts"
import { glanceAtOffers, watchOffers } from "./OfferAudience.ts"
import type { OfferOutcome } from "./OfferLedger.ts"
import type { OfferPlan } from "./Plan.ts"

type Slot = Effect.Success<ReturnType<typeof glanceAtOffers>>[number]

/** Asks for offers for each slot of what the client has. */
const openAuctions = ({ client }: Actor, cid: string, plan: OfferPlan) =>
  client.openAuctions({
    params: { cid },
    payload: {
      duration: plan.durationSeconds,
      expiry: plan.expirySeconds,
      proofProbability: 1n,
      maxPricePerBytePerSecond: plan.maxPricePerBytePerSecond,
      nodes: BigInt(plan.slots),
      tolerance: BigInt(plan.tolerance),
    },
  })

/** A slot that has come to its contract, with the prices. */
const traded = Effect.fnUntraced(function* ({ index, requestId, offers, selected, state, proofs }: Slot) {
  const market = yield* OfferMarket
  const request = yield* market.getRequest(requestId)
  if (Option.isNone(selected) || Option.isNone(request))
    return yield* new DemoStopped({ message: `Slot ${index} has no contract any more.` })
  return { index, requestId, offers, state, proofs, maxPrice: request.value.maxPrice, ...selected.value }
})

/** Tells who gets each slot, for how much. */
const tellPrices = Effect.fnUntraced(function* (slots: ReadonlyArray<Slot>, hosts: ReadonlyArray<Actor>) {
  const { say } = yield* Board
  for (const { index, host, offers, price, maxPrice } of yield* Effect.forEach(slots, traded)) {
    const name = hosts.find(({ address }) => address === host)?.name ?? host
    yield* say(
      `Slot ${index}: of ${offers} offers, that of ${name} was selected. ${grouped(maxPrice - price)} of ${grouped(maxPrice)} tokens came back.`,
    )
  }
})

const finishedAt = ({ client }: Actor, id: RequestId) =>
  Effect.map(client.auction({ params: { id } }), ({ state }) => state === "finished")

/** From a file to finished contracts, one for each slot; what it needs is started and ended with the scope. */
export const offerDemo = Effect.fn("offerDemo")(function* (file: DemoFile, plan: OfferPlan) {
  const startedMillis = yield* Clock.currentTimeMillis
  const { say } = yield* Board
  const { offerMarket, devnet } = yield* Testnet
  const counts = yield* watchOffers

  yield* say(`A chain of its own, a block each second; the offer market is ${offerMarket} at ${devnet.url}.`)
  const cast = yield* startNodes(plan)
  const { client, hosts } = cast
  const before = yield* wealthOfAll(cast)
  const totalSize = plan.slotSizeBytes * BigInt(plan.slots)
  yield* Effect.forEach(
    hosts,
    (host, index) =>
      offerSpace(host, plan, { totalSize, minPricePerBytePerSecond: plan.hostPricesPerBytePerSecond[index] ?? 1n }),
    { concurrency: "unbounded" },
  )
  yield* say(
    `A client and ${hosts.length} hosts are up, each a process with a folder and an account. Each host has room for all slots, at a price of its own.`,
  )

  const uploaded = yield* upload(client, file)
  const ids = yield* openAuctions(client, uploaded.cid, plan)
  yield* say(
    `It asks for offers for ${ids.length} slots and ${plan.durationSeconds} seconds, and pays the most that it would give in advance.`,
  )

  const glance = glanceAtOffers(ids, hosts, counts)
  const allAre = (isSo: (slot: Slot) => boolean) => Effect.map(glance, (slots) => slots.every(isSo))
  yield* until(
    "an offer is selected for every slot",
    allAre(({ selected }) => Option.isSome(selected)),
    plan.expirySeconds,
  )
  yield* tellPrices(yield* glance, hosts)
  const started = Effect.flatMap(glance, (slots) =>
    slots.some(({ state }) => state === "Failed" || state === "Released")
      ? Effect.fail(new DemoStopped({ message: "A contract is over before every contract has started." }))
      : Effect.succeed(slots.every(({ state }) => state === "Started" || state === "Finished")),
  )
  yield* until("every contract has started", started, plan.expirySeconds + 30n)
  yield* say("Every contract has started: each host has fetched its slot, and owes a proof each period from now on.")
  yield* deleteFile(client, uploaded)
  const retrievedSha256 = yield* fetchBack(client, uploaded, "The client fetched the file back from the hosts")

  const isOver = ({ state }: Slot) => state === "Finished" || state === "Failed"
  yield* until("every contract is over and paid", allAre(isOver), plan.durationSeconds + 60n)
  yield* awaitCleared(hosts)
  const known = Effect.map(
    Effect.forEach(ids, (id) => finishedAt(client, id)),
    (all) => all.every((isSo) => isSo),
  )
  yield* until("the client knows that its contracts have finished", known, 30n)
  yield* say("The contracts have ended. The hosts are paid, their data is gone, their space is on offer again.")

  return {
    file: { bytes: file.bytes, sha256: uploaded.sha256 },
    retrievedSha256,
    slots: yield* Effect.forEach(yield* glance, traded),
    ...(yield* balances(cast, before)),
    contractTokens: yield* contractTokens(cast),
    minted: plan.clientTokens + plan.hostTokens * BigInt(plan.hosts),
    seconds: Math.round(((yield* Clock.currentTimeMillis) - startedMillis) / 100) / 10,
  } satisfies OfferOutcome
})
