import { assert, describe, it } from "@effect/vitest"
import { RequestId, type SlotId, slotId } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Option, Ref, Stream } from "effect"
import { type MemoryNode, runMemoryNode } from "./MemoryNode.ts"
import { inWorld, newAccount, until, wealth } from "./MemoryWorld.ts"

const blockBytes = 65_536n
/** Nine blocks, the last of them not full: over two slots of data, slots of five. */
const file = new Uint8Array(8 * 65_536 + 1_000).map((_, index) => (index * 31) % 251)
const slotBytes = 5n * blockBytes
const startedAt = 1_700_000_000n
const durationSeconds = 120n
const price = 3n * slotBytes * durationSeconds

/** A client and a host that know each other, and how many times each slot was proven. */
const market = Effect.fnUntraced(function* () {
  const chain = yield* MemoryChain
  yield* chain.advanceTo(startedAt)
  const clientAccount = yield* newAccount(price)
  const hostAccount = yield* newAccount(1_000n)
  const client = yield* runMemoryNode({ account: clientAccount, roles: ["client"] })
  const host = yield* runMemoryNode({ account: hostAccount, roles: ["host"] })
  yield* host.client.connect({
    params: { peerId: client.exchange.peerId },
    query: { addrs: [...client.exchange.addresses] },
  })
  const proofs = yield* Ref.make<ReadonlyMap<SlotId, number>>(new Map())
  yield* chain
    .market(hostAccount)
    .events({ fromBlock: 0n })
    .pipe(
      Stream.runForEach((event) =>
        event._tag === "ProofSubmitted"
          ? Ref.update(proofs, (all) => new Map(all).set(event.slotId, (all.get(event.slotId) ?? 0) + 1))
          : Effect.void,
      ),
      Effect.forkScoped,
    )
  return { chain, client, clientAccount, host, hostAccount, proofs }
})

const offer = ({ client }: MemoryNode, totalSize: bigint) =>
  client.createAvailability({
    payload: { totalSize, duration: 3_600n, minPricePerBytePerSecond: 1n, totalCollateral: 100n },
  })

/** Uploads the file and asks for three slots. */
const buy = Effect.fnUntraced(function* ({ client }: MemoryNode) {
  const cid = yield* client.upload({ payload: Stream.make(file), headers: {} })
  const id = yield* client.requestStorage({
    params: { cid },
    payload: {
      duration: durationSeconds,
      expiry: 60n,
      pricePerBytePerSecond: 1n,
      proofProbability: 1n,
      nodes: 3n,
      tolerance: 1n,
    },
  })
  const requestId = RequestId.make(`0x${id}`)
  const slots = [0n, 1n, 2n].map((index) => slotId(requestId, index))
  return { cid, requestId, slots }
})

const bytesOf = (parts: ReadonlyArray<Uint8Array>) => Uint8Array.from(Buffer.concat(parts))

const isPurchase = ({ client }: MemoryNode, id: RequestId, state: string) =>
  Effect.map(client.purchase({ params: { id } }), (purchase) => purchase.state === state)

/** Nothing is hosted any more, and all space is on offer. */
const isIdle = Effect.fnUntraced(function* ({ client }: MemoryNode) {
  const slots = yield* client.slots()
  const { quotaUsedBytes } = yield* client.space()
  const [availability] = yield* client.availabilities()
  return slots.length === 0 && quotaUsedBytes === 0n && availability?.freeSize === availability?.totalSize
})

describe("a client and a host on MemoryMarket, with reservations in memory", () => {
  it.effect("store a file, prove it, fetch it back, get paid and clear up", () =>
    Effect.gen(function* () {
      const { chain, client, clientAccount, host, hostAccount, proofs } = yield* market()
      yield* offer(host, 3n * slotBytes)
      const { cid, requestId, slots } = yield* buy(client)
      yield* until("the purchase has started", isPurchase(client, requestId, "started"))
      assert.deepStrictEqual((yield* host.client.slots()).map(({ id }) => id).toSorted(), slots.toSorted())
      assert.strictEqual((yield* host.client.availabilities())[0]?.freeSize, 0n)
      assert.deepStrictEqual(yield* wealth(hostAccount), { tokens: 700n, collateral: 300n })

      const first = slots[0] ?? assert.fail("no slot")
      const hosted = yield* host.client.slot({ params: { id: first.toUpperCase().slice(2) } })
      const [availability] = yield* host.client.availabilities()
      const reservations = yield* host.client.reservations({ params: { id: availability?.id ?? "" } })
      assert.deepInclude(hosted, { state: "SaleProving", requestId, slotIndex: 0n })
      assert.deepStrictEqual(hosted.reservation, {
        id: first,
        availabilityId: availability?.id ?? "",
        size: slotBytes,
        requestId,
        slotIndex: 0n,
        validUntil: startedAt + durationSeconds,
      })
      assert.deepStrictEqual(reservations.map(({ id }) => id).toSorted(), slots.toSorted())

      yield* until(
        "each slot was proven twice after its filling",
        Effect.map(Ref.get(proofs), (all) => slots.every((slot) => (all.get(slot) ?? 0) >= 3)),
      )

      yield* client.client.deleteData({ params: { cid } })
      assert.deepStrictEqual((yield* client.client.listData()).content, [])
      assert.strictEqual((yield* Effect.flip(client.client.download({ params: { cid }, query: {} })))._tag, "NotFound")
      const back = yield* Stream.runCollect(yield* client.client.streamData({ params: { cid }, query: {} }))
      assert.deepStrictEqual(bytesOf(back), file)

      yield* until("the purchase has finished", isPurchase(client, requestId, "finished"))
      yield* until("the host has nothing left", isIdle(host))
      assert.deepStrictEqual(yield* Effect.forEach(slots, chain.market(hostAccount).slotState), [
        "Paid",
        "Paid",
        "Paid",
      ])
      assert.deepStrictEqual(yield* host.store.volumes, [])
      assert.deepStrictEqual(yield* host.ledger.volumes, [])
      assert.strictEqual(
        (yield* Effect.flip(client.client.streamData({ params: { cid }, query: {} })))._tag,
        "NotFound",
      )
      assert.deepStrictEqual(yield* wealth(clientAccount), { tokens: 0n, collateral: 0n })
      assert.deepStrictEqual(yield* wealth(hostAccount), { tokens: 700n + price, collateral: 300n })
      assert.strictEqual((yield* wealth(chain.contract)).tokens, 300n)
      for (const slot of slots) {
        assert.strictEqual((yield* host.client.slot({ params: { id: slot } })).state, "SaleFinished")
      }
    }).pipe(inWorld),
  )

  it.effect(
    "part ways when a request expires part-filled: each has what is its own, and collateral and space are back",
    () =>
      Effect.gen(function* () {
        const { chain, client, clientAccount, host, hostAccount } = yield* market()
        yield* offer(host, slotBytes)
        const { requestId } = yield* buy(client)
        yield* until(
          "a slot is filled",
          Effect.map(host.client.slots(), (all) => all.length === 1),
        )
        yield* until(
          "the collateral is up",
          Effect.map(wealth(hostAccount), ({ collateral }) => collateral === 100n),
        )
        yield* until("the purchase is cancelled", isPurchase(client, requestId, "cancelled"))
        yield* until(
          "the refund is there",
          Effect.map(wealth(clientAccount), ({ tokens }) => tokens > 0n),
        )
        yield* until("the host has nothing left", isIdle(host))
        const purchase = yield* client.client.purchase({ params: { id: requestId } })
        assert.match(
          purchase.error ?? "",
          /not filled before its expiry; its price was paid back, less what its hosts earned/,
        )
        assert.isTrue(Option.contains(yield* chain.market(clientAccount).requestState(requestId), "Cancelled"))
        yield* chain.market(hostAccount).withdraw
        const earned = (yield* wealth(hostAccount)).tokens - 1_000n
        assert.isTrue(earned > 0n && earned <= slotBytes * 60n, `${earned}`)
        assert.deepStrictEqual(yield* wealth(clientAccount), { tokens: price - earned, collateral: 0n })
        assert.strictEqual((yield* wealth(chain.contract)).tokens, 0n)
      }).pipe(inWorld),
  )

  it.effect("meet when the space is offered only after the request was made", () =>
    Effect.gen(function* () {
      const { client, host } = yield* market()
      const { requestId } = yield* buy(client)
      yield* until(
        "the host has found no space for it",
        Effect.map(host.client.info(), ({ chain }) => (chain?.time ?? 0n) >= startedAt + 5n),
      )
      assert.isTrue(yield* isPurchase(client, requestId, "submitted"))
      yield* offer(host, 3n * slotBytes)
      yield* until("the purchase has started", isPurchase(client, requestId, "started"))
    }).pipe(inWorld),
  )

  it.effect("see a request fail when too many of its slots are lost: the purchase says so, the host clears up", () =>
    Effect.gen(function* () {
      const { chain, client, clientAccount, host, hostAccount } = yield* market()
      yield* offer(host, 3n * slotBytes)
      const { requestId, slots } = yield* buy(client)
      yield* until("the purchase has started", isPurchase(client, requestId, "started"))
      yield* until(
        "some time is stored",
        Effect.map(host.client.info(), ({ chain }) => (chain?.time ?? 0n) >= startedAt + 20n),
      )
      for (const slot of slots.slice(0, 2)) yield* chain.forciblyFreeSlot(slot)
      yield* until("the purchase has failed", isPurchase(client, requestId, "failed"))
      yield* until("the host has nothing left", isIdle(host))
      const purchase = yield* client.client.purchase({ params: { id: requestId } })
      assert.match(purchase.error ?? "", /too many of its slots were lost/)
      yield* until(
        "the refund is there",
        Effect.map(wealth(clientAccount), ({ tokens }) => tokens > 0n),
      )
      yield* chain.market(hostAccount).withdraw
      const earned = (yield* wealth(hostAccount)).tokens - 1_000n
      assert.isTrue(earned > 0n && earned <= slotBytes * 60n, `${earned}`)
      assert.deepStrictEqual(yield* wealth(clientAccount), { tokens: price - earned, collateral: 0n })
      assert.strictEqual((yield* wealth(chain.contract)).tokens, 0n)
    }).pipe(inWorld),
  )
})
