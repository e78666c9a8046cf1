import { assert, describe, it } from "@effect/vitest"
import { RequestId, type SlotId, slotId } from "@pecia/contracts-abi"
import { BlockCorrupt, type BlockStore, type Cid, type Corruption, isDataCid } from "@pecia/datasets"
import { MemoryChain } from "@pecia/market"
import { Effect, Exit, Fiber, Option, PubSub, Scope, Stream } from "effect"
import type { Role } from "../src/NodeConfig.ts"
import { buildPlane, type MemoryNode, runMemoryNode } from "./MemoryNode.ts"
import { inWorld, newAccount, settle, until, whileTimePasses } from "./MemoryWorld.ts"

const blockBytes = 65_536n
/** Five blocks, the last of them not full: over two slots of data, slots of three. */
const file = new Uint8Array(4 * 65_536 + 1_000).map((_, index) => (index * 31) % 251)
const slotBytes = 3n * blockBytes
const startedAt = 1_700_000_000n
const durationSeconds = 600n
const price = 3n * slotBytes * durationSeconds
const terms = {
  duration: durationSeconds,
  expiry: 60n,
  pricePerBytePerSecond: 1n,
  proofProbability: 1n,
  nodes: 3n,
  tolerance: 1n,
}

/** A store on a disk that alters blocks. */
const badDisk = () => {
  const altered = new Set<string>()
  const news = Effect.runSync(PubSub.unbounded<Corruption>())
  return {
    altered,
    alter: (volume: string, cid: Cid) => {
      altered.add(`${cid}`)
      return PubSub.publish(news, { volume, cid })
    },
    store: (works: BlockStore["Service"]): BlockStore["Service"] => ({
      ...works,
      get: (cid) => (altered.has(`${cid}`) ? Effect.fail(new BlockCorrupt({ cid })) : works.get(cid)),
      put: (volume, block) =>
        Effect.tap(
          works.put(volume, block),
          Effect.sync(() => altered.delete(`${block.cid}`)),
        ),
      corruptions: Stream.fromPubSub(news),
    }),
  }
}

/** A node that ends when it is told to, with everything that it had. */
const newNode = Effect.fnUntraced(function* (role: Role, tokens: bigint) {
  const account = yield* newAccount(tokens)
  const disk = badDisk()
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const options = { account, roles: [role], store: disk.store }
  const plane = yield* Scope.provide(buildPlane(options), scope)
  const run = Effect.gen(function* () {
    const running = yield* Scope.fork(scope)
    const node = yield* Scope.provide(runMemoryNode(options, plane), running)
    return { ...node, stop: Scope.close(running, Exit.void) }
  })
  /** `run` again what was stopped. */
  return { ...(yield* run), run, account, disk, end: Scope.close(scope, Exit.void) }
})

const meet = ({ client }: MemoryNode, other: MemoryNode) =>
  client.connect({ params: { peerId: other.exchange.peerId }, query: { addrs: [...other.exchange.addresses] } })

const offerSlot = ({ client }: MemoryNode) =>
  client.createAvailability({
    payload: { totalSize: slotBytes, duration: 3_600n, minPricePerBytePerSecond: 1n, totalCollateral: 100n },
  })

const hostOf = (slot: SlotId) =>
  Effect.map(
    MemoryChain.use((chain) => chain.market(chain.contract).getHost(slot)),
    Option.getOrNull,
  )

/** A client whose file is kept by three hosts, a slot each, any two of which are enough. */
const kept = Effect.gen(function* () {
  const chain = yield* MemoryChain
  yield* chain.advanceTo(startedAt)
  const client = yield* newNode("client", price)
  const hosts = yield* Effect.forEach([1, 2, 3], () => newNode("host", 1_000n))
  for (const host of hosts) {
    yield* meet(host, client)
    yield* offerSlot(host)
  }
  const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
  const id = yield* client.client.requestStorage({ params: { cid }, payload: terms })
  const requestId = RequestId.make(`0x${id}`)
  const purchase = client.client.purchase({ params: { id: requestId } })
  yield* until(
    "the purchase has started",
    Effect.map(purchase, ({ state }) => state === "started"),
  )
  const slots = yield* Effect.forEach([0n, 1n, 2n], (index) => {
    const slot = slotId(requestId, index)
    return Effect.map(hostOf(slot), (account) => ({
      slot,
      host: hosts.find((host) => host.account === account) ?? assert.fail("nobody keeps the slot"),
    }))
  })
  return { client, cid, slots, layout: (yield* purchase).request.content.cid }
})

const bytesOf = (parts: ReadonlyArray<Uint8Array>) => Uint8Array.from(Buffer.concat(parts))

describe("slots with parity", () => {
  it.effect.each([0, 2])(
    "slot %i of a dead host is freed by a validator, and another host rebuilds it from the others and proves it; no client is there",
    (lost) =>
      Effect.gen(function* () {
        const { client, cid, layout, slots } = yield* kept
        const { slot, host: dead } = slots[lost] ?? assert.fail("no slot")
        const others = slots.filter((one) => one.host !== dead).map(({ host }) => host)
        yield* client.end
        yield* dead.end
        const spare = yield* newNode("host", 1_000n)
        for (const host of others) yield* meet(spare, host)
        yield* offerSlot(spare)
        yield* newNode("validator", 0n)
        yield* until(
          "the spare host keeps the slot",
          Effect.map(hostOf(slot), (account) => account === spare.account),
        )
        const market = (yield* MemoryChain).market(spare.account)
        const proofs = yield* market.events({ fromBlock: 0n }).pipe(
          Stream.filter((event) => event._tag === "ProofSubmitted" && event.slotId === slot),
          Stream.take(6),
          Stream.runCount,
          Effect.forkChild,
        )
        yield* until(
          "the spare host has proven it again and again",
          Effect.sync(() => proofs.pollUnsafe() !== undefined),
        )
        assert.strictEqual(yield* Fiber.join(proofs), 6)
        const reader = yield* newNode("client", 0n)
        // The others are found by what they announce.
        yield* meet(reader, spare)
        const found = yield* whileTimePasses(reader.client.streamData({ params: { cid: layout }, query: {} }))
        assert.deepStrictEqual(bytesOf(yield* whileTimePasses(Stream.runCollect(found))), file, cid)
      }).pipe(inWorld),
  )

  it.effect.each([0, 1, 2])("the client reads its file back when the host of slot %i is gone", (lost) =>
    Effect.gen(function* () {
      const { client, cid, layout, slots } = yield* kept
      yield* client.client.deleteData({ params: { cid } })
      yield* slots[lost]?.host.end ?? Effect.die("no slot")
      for (const name of [cid, layout]) {
        const bytes = yield* whileTimePasses(client.client.streamData({ params: { cid: name }, query: {} }))
        assert.deepStrictEqual(bytesOf(yield* whileTimePasses(Stream.runCollect(bytes))), file)
      }
      yield* client.client.fetchData({ params: { cid } })
      yield* until(
        "the file is here again",
        Effect.map(client.client.listData(), ({ content }) => content.some((one) => one.cid === cid)),
      )
    }).pipe(inWorld),
  )

  it.effect.each([0, 2])("blocks of slot %i that its host finds damaged are coded from the others", (index) =>
    Effect.gen(function* () {
      const { client, slots } = yield* kept
      yield* client.end
      const { host, slot } = slots[index] ?? assert.fail("no slot")
      for (const other of slots) if (other.host !== host) yield* meet(host, other.host)
      const cids = yield* Stream.runCollect(Stream.map(host.store.blocks(slot), ({ cid }) => cid))
      for (const cid of cids.filter(isDataCid)) yield* host.disk.alter(slot, cid)
      assert.isAbove(host.disk.altered.size, 1)
      yield* until(
        "everything is mended",
        Effect.sync(() => host.disk.altered.size === 0),
      )
    }).pipe(inWorld),
  )

  it.effect("a block of a file that the client finds damaged is fetched from a host", () =>
    Effect.gen(function* () {
      const { cid, client } = yield* kept
      const cids = yield* Stream.runCollect(Stream.map(client.store.blocks(cid), ({ cid }) => cid))
      for (const block of cids) yield* client.disk.alter(cid, block)
      yield* until(
        "everything is mended",
        Effect.sync(() => client.disk.altered.size === 0),
      )
      const back = yield* Stream.runCollect(yield* client.client.download({ params: { cid }, query: {} }))
      assert.deepStrictEqual(bytesOf(back), file)
    }).pipe(inWorld),
  )

  it.effect("a client that has lost more hosts than there is parity is told so", () =>
    Effect.gen(function* () {
      const { client, cid, slots } = yield* kept
      yield* client.client.deleteData({ params: { cid } })
      for (const { host } of slots.slice(1)) yield* host.end
      const failure = yield* whileTimePasses(Effect.flip(client.client.streamData({ params: { cid }, query: {} })))
      assert.strictEqual(failure._tag, "NotFound")
      assert.match(failure.message, /^Of the slots of \S+, 1 could be had, and 2 are needed\./)
    }).pipe(inWorld),
  )
})

describe("what a client lays out over slots", () => {
  it.effect("goes once hosts have it all, but for what says where the slots are; that goes in the end", () =>
    Effect.gen(function* () {
      const { client, cid, layout } = yield* kept
      const names = Effect.map(client.store.volumes, (all) => all.map(({ volume }) => volume).toSorted())
      assert.deepStrictEqual(yield* names, [cid, `layout-${layout}`].toSorted())
      assert.strictEqual((yield* client.ledger.space).usedBytes, BigInt(file.length))
      yield* until(
        "the purchase is over",
        Effect.map(names, (all) => all.length === 1),
      )
      assert.deepStrictEqual(yield* names, [cid])
    }).pipe(inWorld),
  )
})

describe("nodes that are started again", () => {
  it.effect("a client goes on offering what it has laid out, until hosts have it", () =>
    Effect.gen(function* () {
      yield* MemoryChain.use((chain) => chain.advanceTo(startedAt))
      const client = yield* newNode("client", price)
      const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
      const id = yield* client.client.requestStorage({ params: { cid }, payload: terms })
      yield* client.stop
      const again = yield* client.run
      const names = Effect.map(again.store.volumes, (all) => all.map(({ volume }) => volume.split("-")[0]).toSorted())
      yield* settle
      assert.deepStrictEqual(yield* names, [cid, "layout", "slots"].toSorted())
      for (const _ of [1, 2, 3]) {
        const host = yield* newNode("host", 1_000n)
        yield* meet(host, again)
        yield* offerSlot(host)
      }
      yield* until(
        "the purchase has started",
        Effect.map(again.client.purchase({ params: { id } }), ({ state }) => state === "started"),
      )
      yield* settle
      assert.deepStrictEqual(yield* names, [cid, "layout"].toSorted())
    }).pipe(inWorld),
  )

  it.effect("a host announces the slots that it keeps", () =>
    Effect.gen(function* () {
      const { client, layout, slots } = yield* kept
      const [first, second, third] = slots.map(({ host }) => host)
      assert.isDefined(first)
      assert.isDefined(second)
      assert.isDefined(third)
      yield* client.end
      yield* third.end
      yield* meet(first, second)
      yield* first.stop
      yield* first.run
      yield* settle
      const reader = yield* newNode("client", 0n)
      yield* meet(reader, second)
      const bytes = yield* whileTimePasses(reader.client.streamData({ params: { cid: layout }, query: {} }))
      assert.deepStrictEqual(bytesOf(yield* whileTimePasses(Stream.runCollect(bytes))), file)
    }).pipe(inWorld),
  )
})
