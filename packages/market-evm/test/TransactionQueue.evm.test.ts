import { assert, layer } from "@effect/vitest"
import { Devnet } from "@pecia/devnet"
import { ChainError, SlotNotFree } from "@pecia/market"
import { Effect, Exit, Fiber, Option, Stream } from "effect"
import { toBeHex } from "ethers"
import { TestDeployment } from "./AnvilBed.ts"
import { forgetfulNode, mineByHand, nodeBefore, openMarkets } from "./DevnetControl.ts"
import { handled } from "./HttpNode.ts"
import { idOf, newOffers, offer, proof, qualify, refusedOffer, request, start, toldOf } from "./Scene.ts"

const all = { concurrency: "unbounded" } as const

/** The first of two transactions was lost by the pool, refused when it was sent again, and given up with an error; the second waits. */
const givenUp = Effect.gen(function* () {
  let refused = ""
  const { url } = yield* nodeBefore((call, ask) => {
    const isRefused = call.method === "eth_sendRawTransaction" && call.params[0] === refused
    if (call.method === "eth_sendRawTransaction" && refused === "") refused = String(call.params[0])
    return isRefused ? { error: { code: -32003, message: "max fee per gas less than block base fee" } } : ask(call)
  })
  const market = yield* (yield* openMarkets(url))()
  const { drop, mining, pooled } = yield* mineByHand
  const first = yield* start(Effect.flip(offer(market)))
  const [hash = ""] = yield* pooled(1)
  const second = yield* start(offer(market))
  yield* pooled(2)
  yield* drop(hash)
  return { market, mining, second, error: yield* mining(Fiber.join(first)) }
})

layer(TestDeployment.layer, { excludeTestServices: true, timeout: "60 seconds" })("TransactionQueue", (it) => {
  it.effect("writes called at once are mined in the order of their calls; one that fails leaves the others alone", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())()
      const offers = yield* newOffers(market, 10)
      const calls = offers.map(market.requestStorage).toSpliced(5, 0, refusedOffer(market))
      const told = yield* start(Stream.runCollect(Stream.take(market.events(), 10)))
      const exits = yield* Effect.forEach(calls, Effect.exit, all)
      assert.deepStrictEqual(exits.map(Exit.isSuccess), [...Array(5).fill(true), false, ...Array(5).fill(true)])
      const events = yield* Fiber.join(told)
      assert.deepStrictEqual(events.map(toldOf), offers.map(idOf))
    }),
  )

  it.effect("a write does not wait until the one before it is mined, up to 16 in flight", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())()
      const { mine, pooled } = yield* mineByHand
      const offers = yield* newOffers(market, 20)
      const writes = yield* start(Effect.forEach(offers, market.requestStorage, all))
      yield* pooled(16)
      yield* mine
      yield* pooled(4)
      yield* mine
      yield* Fiber.join(writes)
    }),
  )

  it.effect("writes that build on each other can be called at once, whatever the node shows of its pool", () =>
    Effect.gen(function* () {
      const { url } = yield* forgetfulNode
      const market = yield* (yield* openMarkets(url))(60n)
      const { approveFunds, deposit, withdraw } = market
      const { mining } = yield* mineByHand
      yield* mining(
        Effect.all(
          [approveFunds(10n), deposit(10n), approveFunds(20n), approveFunds(30n), deposit(50n), withdraw],
          all,
        ),
      )
      assert.strictEqual(yield* market.tokens(market.account), 60n)
    }),
  )

  it.effect("a revert that shows only when the transaction is mined is told by its reason", () =>
    Effect.gen(function* () {
      const { url } = yield* forgetfulNode
      const newMarket = yield* openMarkets(url)
      const requestId = yield* request(yield* newMarket(), 1n)
      const hosts = [yield* newMarket(100n), yield* newMarket(100n)]
      yield* Effect.forEach(hosts, qualify, all)
      const { mine, pooled } = yield* mineByHand
      const fills = yield* start(
        Effect.forEach(hosts, (host) => Effect.result(host.fillSlot(requestId, 0n, proof)), all),
      )
      yield* pooled(2)
      yield* mine
      const results = yield* Fiber.join(fills)
      const [loss, ...more] = results.flatMap((result) => (result._tag === "Failure" ? result.failure : []))
      assert.instanceOf(loss, SlotNotFree)
      assert.deepStrictEqual(more, [])
    }),
  )

  it.effect("the gas suffices for a fill that turns out to be the last", () =>
    Effect.gen(function* () {
      const { url } = yield* forgetfulNode
      const newMarket = yield* openMarkets(url)
      const client = yield* newMarket()
      const requestId = yield* request(client, 3n)
      const hosts = [yield* newMarket(100n), yield* newMarket(100n), yield* newMarket(100n)] as const
      yield* Effect.forEach(hosts, qualify, all)
      yield* hosts[0].fillSlot(requestId, 0n, proof)
      const { mine, pooled } = yield* mineByHand
      const fills = yield* start(
        Effect.all([hosts[1].fillSlot(requestId, 1n, proof), hosts[2].fillSlot(requestId, 2n, proof)], all),
      )
      yield* pooled(2)
      yield* mine
      yield* Fiber.join(fills)
      assert.deepStrictEqual(yield* client.requestState(requestId), Option.some("Started"))
    }),
  )

  it.effect("an interrupted caller leaves when what he sent is mined; the writes behind it go on", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())()
      const [sent, behind] = yield* newOffers(market, 2)
      if (!sent || !behind) return assert.fail("two offers")
      const told = yield* start(Stream.runCollect(Stream.take(market.events(), 2)))
      const { mine, pooled } = yield* mineByHand
      const writing = yield* start(market.requestStorage(sent))
      yield* pooled(1)
      const leaving = yield* start(Fiber.interrupt(writing))
      const next = yield* start(market.requestStorage(behind))
      yield* pooled(2)
      assert.isUndefined(leaving.pollUnsafe())
      yield* mine
      yield* Fiber.join(leaving)
      yield* Fiber.join(next)
      const events = yield* Fiber.join(told)
      assert.deepStrictEqual(events.map(toldOf), [sent, behind].map(idOf))
    }),
  )

  it.effect("a write that is interrupted before its turn is never sent", () =>
    Effect.gen(function* () {
      const market = yield* (yield* openMarkets())(10n)
      const [first, unsent, last] = yield* newOffers(market, 3)
      if (!first || !unsent || !last) return assert.fail("three offers")
      const told = yield* start(Stream.runCollect(Stream.take(market.events(), 2)))
      const { mine, pooled } = yield* mineByHand
      const sending = yield* start(market.requestStorage(first))
      yield* pooled(1)
      // It has its turn, and waits until nothing else is in flight.
      const approving = yield* start(market.approveFunds(10n))
      const waiting = yield* start(market.requestStorage(unsent))
      const sending2 = yield* start(market.requestStorage(last))
      yield* Fiber.interrupt(waiting)
      yield* mine
      yield* pooled(2)
      yield* mine
      yield* Effect.all([Fiber.join(sending), Fiber.join(approving), Fiber.join(sending2)], all)
      const events = yield* Fiber.join(told)
      assert.deepStrictEqual(events.map(toldOf), [first, last].map(idOf))
    }),
  )

  it.effect("a transaction that the pool lost is sent again, as it was", () =>
    Effect.gen(function* () {
      const sent: Array<unknown> = []
      const { url } = yield* nodeBefore((call, ask) => {
        if (call.method === "eth_sendRawTransaction") sent.push(call.params[0])
        return ask(call)
      })
      const market = yield* (yield* openMarkets(url))()
      const { drop, mining, pooled } = yield* mineByHand
      const writing = yield* start(offer(market))
      const [hash = ""] = yield* pooled(1)
      yield* drop(hash)
      yield* mining(Fiber.join(writing))
      assert.isAtLeast(sent.length, 2)
      assert.strictEqual(new Set(sent).size, 1)
    }),
  )

  it.effect("a connection lost while sending costs nothing, whether the transaction had arrived or not", () =>
    Effect.gen(function* () {
      let losses = 0
      const { url } = yield* nodeBefore(async (call, ask, { response }) => {
        if (call.method !== "eth_sendRawTransaction" || losses === 2) return ask(call)
        losses += 1
        if (losses === 2) await ask(call)
        response.destroy()
        return handled
      })
      const market = yield* (yield* openMarkets(url))()
      const told = yield* start(Stream.runCollect(Stream.take(market.events(), 2)))
      yield* offer(market)
      yield* offer(market)
      assert.strictEqual(losses, 2)
      assert.strictEqual((yield* Fiber.join(told)).length, 2)
    }),
  )

  it.effect("a node that is gone for a while is waited for", () =>
    Effect.gen(function* () {
      let gone = false
      const { url } = yield* nodeBefore((call, ask, { response }) => {
        if (!gone) return ask(call)
        response.destroy()
        return handled
      })
      const market = yield* (yield* openMarkets(url))()
      const { mine, pooled } = yield* mineByHand
      const writing = yield* start(offer(market))
      yield* pooled(1)
      gone = true
      yield* mine
      assert.strictEqual((yield* Effect.flip(market.collateral(market.account))).reason._tag, "Unreachable")
      assert.isUndefined(writing.pollUnsafe())
      gone = false
      yield* Fiber.join(writing)
    }),
  )

  it.effect("a transaction that is given up does not hold up the one behind it", () =>
    Effect.gen(function* () {
      const { error, mining, second } = yield* givenUp
      assert.include(error.message, "max fee per gas less than block base fee")
      assert.isTrue(error instanceof ChainError && error.isRetryable)
      yield* mining(Fiber.join(second))
    }),
  )

  it.effect("a transaction that is given up does not hold up a write that waits for those before it", () =>
    Effect.gen(function* () {
      const { market, mining, second } = yield* givenUp
      const approving = yield* start(market.approveFunds(1n))
      const third = yield* start(offer(market))
      yield* mining(Effect.all([Fiber.join(second), Fiber.join(approving), Fiber.join(third)], all))
    }),
  )

  it.effect("a transaction that is given up does not hold up a write that would revert", () =>
    Effect.gen(function* () {
      const { market, mining, second } = yield* givenUp
      const reverting = yield* start(Effect.exit(refusedOffer(market)))
      const third = yield* start(offer(market))
      yield* mining(Effect.all([Fiber.join(second), Fiber.join(third)], all))
      assert.isTrue(Exit.isFailure(yield* Fiber.join(reverting)))
    }),
  )

  it.effect("another program's transactions that the pool lost do not hold up the write behind them", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const market = yield* (yield* openMarkets())()
      const { account } = market
      const { drop, mining, pooled } = yield* mineByHand
      yield* devnet.rpc("anvil_impersonateAccount", [account])
      yield* devnet.rpc("eth_sendTransaction", [{ from: account, to: account, nonce: "0x0" }])
      yield* devnet.rpc("eth_sendTransaction", [{ from: account, to: account, nonce: "0x1" }])
      const others = yield* pooled(2)
      const writing = yield* start(offer(market))
      yield* pooled(3)
      yield* Effect.forEach(others, drop)
      yield* mining(Fiber.join(writing))
    }),
  )

  it.effect("when another program takes the nonce, that is said, and the queue goes on", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const market = yield* (yield* openMarkets())()
      const { account } = market
      const { mining, pooled } = yield* mineByHand
      const writing = yield* start(Effect.flip(offer(market)))
      yield* pooled(1)
      yield* devnet.rpc("anvil_impersonateAccount", [account])
      const bid = { gasPrice: toBeHex(10n ** 12n), gas: toBeHex(21_000) }
      yield* devnet.rpc("eth_sendTransaction", [{ from: account, to: account, nonce: "0x0", ...bid }])
      const error = yield* mining(Fiber.join(writing))
      assert.strictEqual(
        error.message,
        `The transaction for requestStorage was not accepted: another transaction of ${account} took its turn; let one program alone send for this account.`,
      )
      assert.isTrue(error instanceof ChainError && error.isRetryable)
      yield* mining(offer(market))
    }),
  )

  it.effect("an account without coins is told that it cannot pay", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const market = yield* (yield* openMarkets())()
      const { account } = market
      yield* devnet.rpc("anvil_setBalance", [account, "0x0"])
      const error = yield* Effect.flip(offer(market))
      assert.strictEqual(
        error.message,
        `The transaction for requestStorage was not accepted: ${account} cannot pay for the gas; send it coins of this chain.`,
      )
      assert.isFalse(error instanceof ChainError && error.isRetryable)
      yield* devnet.rpc("anvil_setBalance", [account, toBeHex(10n ** 18n)])
      yield* offer(market)
    }),
  )
})
