import { assert, describe, it } from "@effect/vitest"
import type { OfferId } from "@pecia/contracts-abi"
import { MemoryChain } from "@pecia/market"
import { Effect, Ref, Stream } from "effect"
import { type MemoryNode, runMemoryNode } from "./MemoryNode.ts"
import { inWorld, newAccount, newOpenRequest, until } from "./MemoryWorld.ts"

const blockBytes = 65_536n
/** Six full blocks: the data of each of two slots fills its space to the last byte. */
const file = new Uint8Array(6 * 65_536).map((_, index) => (index * 31) % 251)
const slotBytes = 3n * blockBytes
const startedAt = 1_700_000_000n
const durationSeconds = 60n
const most = 4n * slotBytes * durationSeconds

const meet = ({ client }: MemoryNode, other: MemoryNode) =>
  client.connect({ params: { peerId: other.exchange.peerId }, query: { addrs: [...other.exchange.addresses] } })

const newHost = Effect.fnUntraced(function* (client: MemoryNode, tokens: bigint) {
  const account = yield* newAccount(tokens)
  const node = yield* runMemoryNode({ account, roles: ["host"] })
  yield* meet(node, client)
  return { ...node, account }
})

const newClient = Effect.fnUntraced(function* (tokens: bigint) {
  yield* MemoryChain.use((chain) => chain.advanceTo(startedAt))
  const account = yield* newAccount(tokens)
  return { ...(yield* runMemoryNode({ account, roles: ["client"] })), account }
})

const offerSpace = ({ client }: MemoryNode, totalSize: bigint, minPricePerBytePerSecond: bigint) =>
  client.createAvailability({
    payload: { totalSize, duration: 3_600n, minPricePerBytePerSecond, totalCollateral: 100n },
  })

/** Everything that an account has, collateral on the offer market included. */
const wealthOf = Effect.fnUntraced(function* ({ account }: Pick<Parameters<typeof runMemoryNode>[0], "account">) {
  const market = (yield* MemoryChain).offerMarket(account)
  return (yield* market.tokens(account)) + (yield* market.collateral(account))
})

const isIdle = Effect.fnUntraced(function* ({ client }: MemoryNode) {
  const bids = yield* client.bids()
  const { quotaUsedBytes } = yield* client.space()
  const [availability] = yield* client.availabilities()
  return bids.length === 0 && quotaUsedBytes === 0n && availability?.freeSize === availability?.totalSize
})

describe("a client and two hosts on MemoryOfferMarket", () => {
  it.effect(
    "trade the slots of a file by auction: bid, start, prove, fetch it back, get paid, reimburse and clear up",
    () =>
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const client = yield* newClient(2n * most)
        const [cheap, dear] = [yield* newHost(client, 200n), yield* newHost(client, 200n)]
        yield* offerSpace(cheap, 2n * slotBytes, 1n)
        yield* offerSpace(dear, 2n * slotBytes, 2n)
        const proofs = yield* Ref.make<ReadonlyArray<OfferId>>([])
        yield* chain
          .offerMarket(client.account)
          .events()
          .pipe(
            Stream.runForEach((event) =>
              event._tag === "ProofSubmitted" ? Ref.update(proofs, (all) => [...all, event.offerId]) : Effect.void,
            ),
            Effect.forkScoped({ startImmediately: true }),
          )

        const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
        const ids = yield* client.client.openAuctions({
          params: { cid },
          payload: {
            duration: durationSeconds,
            expiry: 60n,
            proofProbability: 1n,
            maxPricePerBytePerSecond: 4n,
            nodes: 2n,
            tolerance: 0n,
          },
        })
        const areAll = (state: string) =>
          Effect.map(client.client.auctions(), (all) => all.length === 2 && all.every((one) => one.state === state))
        yield* until("both contracts have started", areAll("started"))

        const price = (minPrice: bigint) => (minPrice * slotBytes * durationSeconds * 11n + 9n) / 10n
        const auctions = yield* client.client.auctions()
        const selected = auctions.flatMap((auction) => auction.selected ?? [])
        assert.deepStrictEqual(
          selected
            .map(({ host, price }) => ({ host, price }))
            .toSorted((one, other) => Number(one.price - other.price)),
          [
            { host: cheap.account, price: price(1n) },
            { host: dear.account, price: price(2n) },
          ],
        )
        assert.strictEqual(yield* wealthOf(client), 2n * most - price(1n) - price(2n))
        const bid = (yield* cheap.client.bids())[0] ?? assert.fail("the host keeps nothing")
        assert.deepInclude(bid, { state: "started" })
        assert.strictEqual(bid.reservation?.size, slotBytes)

        yield* until(
          "each contract was proven twice",
          Effect.map(Ref.get(proofs), (all) =>
            selected.every(({ offerId }) => all.filter((id) => id === offerId).length >= 2),
          ),
        )
        yield* client.client.deleteData({ params: { cid } })
        const back = yield* Stream.runCollect(yield* client.client.streamData({ params: { cid }, query: {} }))
        assert.deepStrictEqual(Uint8Array.from(Buffer.concat(back)), file)

        yield* until("the client knows that both have finished", areAll("finished"))
        yield* until(
          "the hosts have nothing left",
          Effect.zipWith(isIdle(cheap), isIdle(dear), (one, other) => one && other),
        )
        for (const host of [cheap, dear]) {
          assert.deepStrictEqual(yield* host.store.volumes, [])
          assert.deepStrictEqual(yield* host.ledger.volumes, [])
          const states = yield* Effect.forEach(ids, (requestId) =>
            Effect.map(host.client.bid({ params: { requestId } }), ({ state }) => state),
          )
          assert.deepStrictEqual(states.toSorted(), ["finished", "notSelected"])
          yield* chain.offerMarket(host.account).withdraw
        }
        assert.strictEqual(yield* wealthOf(cheap), 200n + price(1n))
        assert.strictEqual(yield* wealthOf(dear), 200n + price(2n))
        assert.strictEqual(yield* wealthOf({ account: chain.offerContract }), 0n)
      }).pipe(inWorld),
  )

  it.effect("part with everything that was the client's when nobody bids", () =>
    Effect.gen(function* () {
      const client = yield* newClient(most)
      const cid = yield* client.client.upload({ payload: Stream.make(file), headers: {} })
      const [id = assert.fail("no auction")] = yield* client.client.openAuctions({
        params: { cid },
        payload: {
          duration: durationSeconds,
          expiry: 30n,
          proofProbability: 1n,
          maxPricePerBytePerSecond: 2n,
          nodes: 1n,
        },
      })
      const auction = client.client.auction({ params: { id } })
      yield* until(
        "it is paid in advance",
        Effect.map(wealthOf(client), (tokens) => tokens === 0n),
      )
      yield* until(
        "the auction is over, unsold",
        Effect.map(auction, ({ state }) => state === "unsold"),
      )
      yield* until(
        "everything is back",
        Effect.map(wealthOf(client), (tokens) => tokens === most),
      )
      assert.isNotNull((yield* auction).error)
    }).pipe(inWorld),
  )
})

describe("one space for both markets", () => {
  const price = 3n * slotBytes * 100n
  const buy = Effect.fnUntraced(function* ({ client }: MemoryNode, expiry: bigint) {
    const cid = yield* client.upload({ payload: Stream.make(file), headers: {} })
    yield* client.requestStorage({
      params: { cid },
      payload: { duration: 100n, expiry, pricePerBytePerSecond: 1n, proofProbability: 1n, nodes: 3n, tolerance: 1n },
    })
  })
  const elapsed = MemoryChain.use((chain) => Effect.map(chain.now, (now) => now - startedAt))
  const hasSlot = ({ client }: MemoryNode) => Effect.map(client.slots(), (all) => all.length === 1)

  it.effect("what a sale gives back is bid with at once, not only when a minute has passed", () =>
    Effect.gen(function* () {
      const client = yield* newClient(price)
      const host = yield* newHost(client, 300n)
      yield* offerSpace(host, slotBytes, 1n)
      yield* buy(client, 25n)
      yield* until("one of the slots takes all space", hasSlot(host))
      const { id } = yield* newOpenRequest({ expirySeconds: 300n, blocks: 3n })
      const bid = Effect.map(Effect.option(host.client.bid({ params: { requestId: id } })), (found) =>
        found._tag === "Some" ? found.value.state : "none",
      )
      yield* until(
        "there is no space for the bid",
        Effect.map(bid, (state) => state === "declined"),
      )
      yield* until(
        "the host has made its offer",
        Effect.map(bid, (state) => state === "offered"),
      )
      assert.isBelow(Number(yield* elapsed), 45)
    }).pipe(inWorld),
  )

  it.effect("what a bid gives back is sold at once, not only when a minute has passed", () =>
    Effect.gen(function* () {
      const client = yield* newClient(price)
      const host = yield* newHost(client, 300n)
      yield* offerSpace(host, slotBytes, 1n)
      yield* newOpenRequest({ expirySeconds: 25n, blocks: 3n })
      yield* until(
        "the bid takes all space",
        Effect.map(host.client.availabilities(), ([one]) => one?.freeSize === 0n),
      )
      yield* buy(client, 90n)
      yield* until("one of the slots is filled", hasSlot(host))
      const at = Number(yield* elapsed)
      assert.isAtLeast(at, 25)
      assert.isBelow(at, 45)
    }).pipe(inWorld),
  )
})
