import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { InsufficientAllowance, InsufficientBalance } from "../../MarketError.ts"
import { MarketBed } from "../MarketBed.ts"
import { OfferBed } from "../OfferBed.ts"
import { failsWith } from "../Scenario.ts"
import {
  failed,
  newBidder,
  newOffer,
  newTrader,
  notStarted,
  type OfferIt,
  requested,
  running,
  slashBidder,
  wallet,
} from "./OfferScenario.ts"

/** Collateral, and that no token appears or vanishes. */
export const money = (it: OfferIt) =>
  describe("money", () => {
    it.effect("deposit and withdraw move tokens between wallet and collateral", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const host = yield* newTrader(100n)
        const pool = yield* host.tokens(bed.contract)
        yield* host.deposit(30n)
        yield* host.deposit(50n)
        assert.strictEqual(yield* host.collateral(host.account), 80n)
        assert.strictEqual(yield* wallet(host), 20n)
        assert.strictEqual(yield* host.tokens(bed.contract), pool + 80n)
        yield* host.withdraw
        yield* host.withdraw
        assert.strictEqual(yield* host.collateral(host.account), 0n)
        assert.strictEqual(yield* wallet(host), 100n)
      }),
    )

    it.effect("deposit of more than was approved, or than there is, fails as the token has it", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const { offers: host } = yield* bed.newTrader(49n)
        const { account } = host
        yield* Effect.all([host.approveFunds(20n), host.approveFunds(29n)], { concurrency: "unbounded" })
        yield* failsWith(host.deposit(50n), new InsufficientAllowance({ account }))
        yield* host.approveFunds(1n)
        yield* failsWith(host.deposit(50n), new InsufficientBalance({ account }))
        yield* host.deposit(49n)
      }),
    )

    it.effect("deposit of more than collateral can hold (2^128 - 1 for an account) is refused: Amount too large", () =>
      Effect.gen(function* () {
        const most = 2n ** 128n - 1n
        const host = yield* newTrader(most + 1n)
        yield* host.deposit(most)
        const error = yield* Effect.flip(host.deposit(1n))
        assert.strictEqual(error._tag, "ChainError")
        assert.include(error.message, "Amount too large")
        yield* host.withdraw
      }),
    )

    it.effect("the marketplace and the offer market keep separate books", () =>
      Effect.gen(function* () {
        const [bed, offerBed] = [yield* MarketBed, yield* OfferBed]
        const { market, offers } = yield* offerBed.newTrader(100n)
        const { account } = offers
        assert.strictEqual(market.account, account)
        assert.notStrictEqual(bed.contract, offerBed.contract)
        const pools = Effect.all([offers.tokens(bed.contract), offers.tokens(offerBed.contract)])
        const [inMarket, inOffers] = yield* pools
        yield* offers.approveFunds(60n)
        yield* failsWith(market.deposit(1n), new InsufficientAllowance({ account }))
        yield* offers.deposit(60n)
        assert.strictEqual(yield* market.collateral(account), 0n)
        yield* market.approveFunds(40n)
        yield* market.deposit(40n)
        assert.strictEqual(yield* offers.collateral(account), 60n)
        assert.deepStrictEqual(yield* pools, [inMarket + 40n, inOffers + 60n])
        yield* market.withdraw
        assert.strictEqual(yield* offers.collateral(account), 60n)
        assert.strictEqual(yield* market.tokens(account), 40n)
      }),
    )

    it.effect("writes of one account to both contracts take effect in the order of their calls", () =>
      Effect.gen(function* () {
        const bed = yield* OfferBed
        const { market, offers } = yield* bed.newTrader(30n)
        yield* Effect.all(
          [
            offers.approveFunds(30n),
            offers.deposit(30n),
            market.approveFunds(30n),
            offers.withdraw,
            market.deposit(30n),
            market.withdraw,
            offers.approveFunds(30n),
            offers.deposit(30n),
          ],
          { concurrency: "unbounded" },
        )
        assert.strictEqual(yield* offers.collateral(offers.account), 30n)
        assert.strictEqual(yield* market.collateral(market.account), 0n)
      }),
    )

    it.effect("wallets and contract together hold the same at every step of a contract's life", () =>
      Effect.gen(function* () {
        const [bed, offerBed] = [yield* MarketBed, yield* OfferBed]
        const { client, end, host, offerId } = yield* running()
        const holders = [client.account, host.account, offerBed.contract]
        const total = Effect.map(Effect.forEach(holders, client.tokens), (held) => held.reduce((a, b) => a + b, 0n))
        const before = yield* total
        const steps = [
          slashBidder(client, offerId),
          bed.advanceTo(end + 1n),
          host.finishContract(offerId),
          host.withdraw,
          client.withdraw,
        ]
        for (const step of steps) {
          yield* step
          assert.strictEqual(yield* total, before)
        }
        const { initialAmount, slashPercentage } = (yield* client.config).collateral
        const slashed = (initialAmount * slashPercentage) / 100n
        const reward = (slashed * (yield* client.options).markerPercentage) / 100n
        assert.strictEqual(yield* wallet(host), 40_001n + initialAmount - slashed)
        assert.strictEqual(yield* wallet(client), 60_000n - 40_001n + reward)
      }),
    )

    it.effect(
      "the contract covers all it owes: when everybody has collected, it keeps what was slashed for the treasury, and no more",
      () =>
        Effect.gen(function* () {
          const [bed, offerBed] = [yield* MarketBed, yield* OfferBed]
          const marker = yield* newTrader(0n)
          const pool = yield* marker.tokens(offerBed.contract)
          const { idle, released, undecided } = yield* notStarted
          const alone = yield* requested()
          const done = yield* running()
          const slashed = yield* running()
          yield* slashBidder(marker, slashed.offerId)
          const lost = yield* failed()
          const loser = yield* newBidder()
          yield* loser.offerStorage(newOffer(loser, alone))
          yield* bed.advanceTo((yield* bed.now) + 20_001n)
          for (const { offerId } of [done, slashed, lost]) yield* marker.finishContract(offerId)
          for (const { requestId } of [undecided, idle, alone, lost]) yield* marker.withdrawFunds(requestId)
          const hosts = [undecided, idle, released, done, slashed, lost].map(({ host }) => host)
          let kept = 0n
          for (const host of [...hosts, loser]) {
            kept += yield* host.collateral(host.account)
            yield* host.withdraw
          }
          kept += yield* marker.collateral(marker.account)
          kept += yield* lost.client.collateral(lost.client.account)
          yield* marker.withdraw
          yield* lost.client.withdraw
          const { initialAmount } = (yield* marker.config).collateral
          const deposited = BigInt(hosts.length + 1) * initialAmount
          assert.isTrue(deposited > kept)
          assert.strictEqual(yield* marker.tokens(offerBed.contract), pool + deposited - kept)
        }),
    )
  })
