import { createHash } from "node:crypto"
import { type Address, RequestId, slotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { type Peciad, Testnet } from "@pecia/testnet"
import { Clock, Effect, FileSystem, HashMap, Option, Ref, Schedule, Schema, Stream } from "effect"
import { Board } from "./Board.ts"
import type { Outcome } from "./Ledger.ts"
import type { Plan } from "./Plan.ts"

/** The demo cannot go on; `message` says where it stopped. */
export class DemoStopped extends Schema.TaggedError<DemoStopped>()("DemoStopped", { message: Schema.String }) {}

/** Looks again until it is so, or until the time is up. */
const until = <E, R>(what: string, holds: Effect.Effect<boolean, E, R>, seconds: number) =>
  holds.pipe(
    Effect.repeat({ schedule: Schedule.spaced("250 millis"), until: (so) => so }),
    Effect.timeoutOrElse({
      duration: `${seconds} seconds`,
      orElse: () => Effect.fail(new DemoStopped({ message: `Waited ${seconds} seconds in vain until ${what}.` })),
    }),
    Effect.asVoid,
  )

const sha256Of = Effect.fnUntraced(function* <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) {
  const hash = createHash("sha256")
  yield* Stream.runForEach(bytes, (chunk) => Effect.sync(() => hash.update(chunk)))
  return hash.digest("hex")
})

/** Wallet plus collateral. */
const wealthOf = Effect.fnUntraced(function* (account: Address) {
  const market = yield* Market
  return (yield* market.tokens(account)) + (yield* market.collateral(account))
})

/** Counts the proofs of each slot as the chain tells of them; the one that comes with the filling is not counted. */
const countProofs = Effect.fnUntraced(function* () {
  const market = yield* Market
  const counts = yield* Ref.make(HashMap.empty<string, number>())
  yield* market.events().pipe(
    Stream.runForEach((event) =>
      event._tag === "ProofSubmitted"
        ? Ref.update(counts, (all) =>
            HashMap.set(all, event.slotId, Option.getOrElse(HashMap.get(all, event.slotId), () => -1) + 1),
          )
        : Effect.void,
    ),
    Effect.forkScoped,
  )
  return (id: string) =>
    Effect.map(Ref.get(counts), (all) => Math.max(0, Option.getOrElse(HashMap.get(all, id), () => 0)))
})

const startNodes = Effect.fnUntraced(function* (plan: Plan) {
  const testnet = yield* Testnet
  const [clientAccount, ...hostAccounts] = testnet.accounts
  if (clientAccount === undefined) return yield* Effect.die("the testnet has no accounts")
  const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
  const hosts = yield* Effect.forEach(
    hostAccounts.slice(0, plan.hosts),
    (account, index) =>
      Effect.map(
        testnet.peciad(account, { name: `host-${index + 1}`, roles: ["host"], peers: client.peerAddresses }),
        (node) => ({ ...node, address: account.address }),
      ),
    { concurrency: "unbounded" },
  )
  return { client: { ...client, address: clientAccount.address }, hosts }
})

type Host = Peciad & { readonly address: Address }

/** Shows the contract until the audience has seen its end. */
const follow = Effect.fnUntraced(function* (
  id: RequestId,
  plan: Plan,
  hosts: ReadonlyArray<Host>,
  proofsOf: (id: string) => Effect.Effect<number>,
) {
  const market = yield* Market
  const board = yield* Board
  const testnet = yield* Testnet
  const chainTime = Effect.map(testnet.devnet.rpc("eth_getBlockByNumber", ["latest", false]), Schema.decodeUnknownOption(Head))
  const slotRow = Effect.fnUntraced(function* (index: number) {
    const slot = slotId(id, BigInt(index))
    const address = Option.getOrNull(yield* market.getHost(slot))
    const host = hosts.find((one) => one.address === address)?.name ?? ""
    return { index, address, host, state: yield* market.slotState(slot), proofs: yield* proofsOf(slot) }
  })
  const glance = Effect.gen(function* () {
    const slots = yield* Effect.forEach(Array.from({ length: plan.slots }, (_, i) => i), slotRow, { concurrency: "unbounded" })
    const request = Option.getOrNull(yield* market.requestState(id))
    const now = Option.match(yield* chainTime, { onNone: () => 0n, onSome: ({ timestamp }) => BigInt(timestamp) })
    const left = (yield* market.requestEnd(id)) - now
    yield* board.show({ request, secondsLeft: left > 0n ? left : 0n, slots })
    return { request, slots }
  })
  return { glance }
})

const Head = Schema.Struct({ timestamp: Schema.String })

/** From a file to a finished contract; what it needs is started and ended with the scope. */
export const demo = Effect.fn("demo")(function* (file: string, bytes: number, plan: Plan) {
  const started = yield* Clock.currentTimeMillis
  const fs = yield* FileSystem.FileSystem
  const board = yield* Board
  const market = yield* Market
  const testnet = yield* Testnet
  const proofsOf = yield* countProofs()

  yield* board.say(`A chain of its own at ${testnet.devnet.url}, a block each second; the marketplace is ${testnet.deployment.marketplace}.`)
  const { client, hosts } = yield* startNodes(plan)
  yield* board.say(`One client and ${hosts.length} hosts are up, each a process with a folder and an account of its own.`)
  const before = {
    client: yield* wealthOf(client.address),
    hosts: yield* Effect.forEach(hosts, ({ address }) => wealthOf(address)),
  }

  yield* Effect.forEach(hosts, ({ client }) =>
    client.createAvailability({
      payload: {
        totalSize: plan.slotSizeBytes,
        duration: plan.durationSeconds,
        minPricePerBytePerSecond: plan.pricePerBytePerSecond,
        totalCollateral: plan.config.collateral.initialAmount,
      },
    }),
  )
  yield* board.say(`Each host offers ${plan.slotSizeBytes} bytes: room for one slot.`)

  const sha256 = yield* sha256Of(fs.stream(file))
  const cid = yield* client.client.upload({ payload: fs.stream(file), headers: {} })
  yield* board.say(`The client has the file, ${bytes} bytes: ${cid}`)
  const id = RequestId.make(
    `0x${yield* client.client.requestStorage({
      params: { cid },
      payload: {
        duration: plan.durationSeconds,
        pricePerBytePerSecond: plan.pricePerBytePerSecond,
        proofProbability: 1n,
        expiry: plan.expirySeconds,
        nodes: BigInt(plan.slots),
        tolerance: 1n,
      },
    })}`,
  )
  yield* until("the request is on the chain", Effect.map(market.requestState(id), Option.isSome), 30)
  yield* board.say(`It asks for ${plan.slots} slots for ${plan.durationSeconds} seconds, and has paid in advance: request ${id}`)

  const { glance } = yield* follow(id, plan, hosts, proofsOf)
  yield* until(
    "all slots are filled",
    Effect.flatMap(glance, ({ request }) =>
      request === "Started" || request === "New"
        ? Effect.succeed(request === "Started")
        : Effect.fail(new DemoStopped({ message: `The request is ${request?.toLowerCase()} before its slots were filled.` })),
    ),
    Number(plan.expirySeconds) + 30,
  )
  yield* board.say("Every slot is filled: each host has its part, and has proven it.")

  yield* client.client.deleteData({ params: { cid } })
  const { content } = yield* client.client.listData()
  if (content.length > 0) return yield* new DemoStopped({ message: "The client still has the file after deleting it." })
  const retrievedSha256 = yield* sha256Of(
    Stream.unwrap(client.client.streamData({ params: { cid } })),
  )
  yield* board.say(
    retrievedSha256 === sha256
      ? "The client deleted the file and got it back from the hosts: the same bytes."
      : `What came back from the hosts is not the file: ${retrievedSha256}`,
  )

  yield* until(
    "the contract has ended and every slot is paid",
    Effect.map(glance, ({ slots }) => slots.every(({ state }) => state === "Paid")),
    Number(plan.durationSeconds) + 60,
  )
  yield* until(
    "the hosts have cleared their data and offer the space again",
    Effect.map(Effect.forEach(hosts, spaceOf), (all) =>
      all.every(({ usedBytes, freeBytes, offeredBytes }) => usedBytes === 0n && freeBytes === offeredBytes),
    ),
    30,
  )
  const purchaseEnded = Effect.map(client.client.purchase({ params: { id } }), ({ state }) => state === "finished")
  yield* until("the client knows that its purchase has finished", purchaseEnded, 30)
  const end = yield* glance
  yield* board.say("The contract has ended. Hosts are paid, their data is gone, their space is on offer again.")

  const spaces = yield* Effect.forEach(hosts, spaceOf)
  const after = yield* Effect.forEach(hosts, ({ address }) => wealthOf(address))
  const collateral = yield* Effect.forEach(hosts, ({ address }) => market.collateral(address))
  const outcome: Outcome = {
    file: { bytes, sha256 },
    retrievedSha256,
    request: { id, state: end.request ?? "New" },
    slots: end.slots.map(({ index, address, state, proofs }) => ({ index, host: address ?? market.account, state, proofs })),
    client: { address: client.address, before: before.client, after: yield* wealthOf(client.address) },
    hosts: hosts.map(({ address }, index) => ({
      address,
      before: before.hosts[index] ?? 0n,
      after: after[index] ?? 0n,
      ...(spaces[index] ?? { usedBytes: -1n, freeBytes: 0n, offeredBytes: -1n }),
    })),
    contractTokens:
      (yield* market.tokens(testnet.deployment.marketplace)) - collateral.reduce((sum, amount) => sum + amount, 0n),
    minted: plan.clientTokens + plan.hostTokens * BigInt(plan.hosts),
    price: BigInt(plan.slots) * plan.slotSizeBytes * plan.pricePerBytePerSecond * plan.durationSeconds,
    seconds: Math.round(((yield* Clock.currentTimeMillis) - started) / 100) / 10,
  }
  return outcome
})

const spaceOf = Effect.fnUntraced(function* ({ client }: Host) {
  const { quotaUsedBytes } = yield* client.space()
  const offers = yield* client.availabilities()
  return {
    usedBytes: quotaUsedBytes,
    freeBytes: offers.reduce((sum, { freeSize }) => sum + freeSize, 0n),
    offeredBytes: offers.reduce((sum, { totalSize }) => sum + totalSize, 0n),
  }
})
