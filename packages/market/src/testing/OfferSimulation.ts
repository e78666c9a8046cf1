import { assert } from "@effect/vitest"
import { ContentHash, Nonce, Offer, type OfferId, OpenRequest, Periodicity, type RequestId } from "@pecia/contracts-abi"
import { Array as Arr, Effect, Option, Order, Random } from "effect"
import type { ChainError } from "../MarketError.ts"
import { MarketBed } from "./MarketBed.ts"
import { OfferBed } from "./OfferBed.ts"
import { OfferLedger } from "./offers/OfferLedger.ts"
import { newTrader, type OfferMarketOf } from "./offers/OfferScenario.ts"
import { proof, thisPeriod } from "./Scenario.ts"

/** How a host behaves, in per cent. */
interface Temper {
  readonly bids: number
  /** Bids when the client may have selected, or when the request has expired. */
  readonly isLate: number
  readonly starts: number
  readonly proves: number
}

const tempers: ReadonlyArray<Temper> = [
  { bids: 60, isLate: 0, starts: 100, proves: 100 },
  { bids: 80, isLate: 10, starts: 30, proves: 100 },
  { bids: 80, isLate: 0, starts: 100, proves: 20 },
  { bids: 90, isLate: 70, starts: 100, proves: 90 },
  { bids: 40, isLate: 20, starts: 80, proves: 60 },
]

const waves = 5
const requestsPerWave = 10
const clientCount = 3
const tokensEach = 1_000_000n
const mostPaid = 1_000
/** Of a contract; of a request until it expires. */
const [periods, openPeriods] = [7n, 3n]

const below = (count: number) => Random.nextIntBetween(0, count, { halfOpen: true })
const chance = (percentage: number) => Effect.map(below(100), (roll) => roll < percentage)

interface Host {
  readonly market: OfferMarketOf
  readonly temper: Temper
}

/** A request and what was done with it. */
interface Deal {
  readonly client: OfferMarketOf
  readonly request: OpenRequest
  readonly requestId: RequestId
  readonly offers: Array<{ readonly host: Host; readonly offer: Offer; readonly offerId: OfferId }>
}

const newWorld = Effect.gen(function* () {
  const ledger = new OfferLedger()
  const newParty = Effect.fnUntraced(function* () {
    const market = yield* newTrader(tokensEach)
    ledger.give(market.account, tokensEach)
    return market
  })
  const clients = yield* Effect.forEach(Arr.range(1, clientCount), newParty)
  const hosts = yield* Effect.forEach(tempers, (temper) =>
    Effect.map(newParty(), (market): Host => ({ market, temper })),
  )
  const marker = yield* newParty()
  /** Makes a call that may be refused; counts what came of it. */
  const tried = <A, E extends { readonly _tag: string }>(name: string, call: Effect.Effect<A, E | ChainError>) =>
    Effect.matchEffect(call, {
      onSuccess: (answer) => Effect.sync(() => Option.some(answer)).pipe(Effect.tap(() => ledger.count(`${name} ok`))),
      onFailure: (error) =>
        error._tag === "ChainError"
          ? Effect.die(error)
          : Effect.as(ledger.count(`${name} ${error._tag}`), Option.none<A>()),
    })
  return { ledger, clients, hosts, marker, tried }
})
type World = Effect.Success<typeof newWorld>

const newDeal = Effect.fnUntraced(function* ({ clients }: World, number: number, seconds: bigint) {
  const bed = yield* MarketBed
  const client = clients[number % clients.length]
  if (client === undefined) return yield* Effect.die("no client")
  const bytes32 = `0x${number.toString(16).padStart(64, "0")}`
  const request = new OpenRequest({
    client: client.account,
    duration: periods * seconds,
    size: 65_536n,
    contentHash: ContentHash.make(bytes32),
    proofProbability: BigInt(yield* below(3)),
    maxPrice: BigInt(yield* below(mostPaid)),
    expiry: (yield* bed.now) + openPeriods * seconds,
    nonce: Nonce.make(bytes32),
  })
  const deal: Deal = { client, request, requestId: yield* client.requestStorage(request), offers: [] }
  return deal
})

/** A host offers, for a little more or less than it should. */
const offer = Effect.fnUntraced(function* ({ tried }: World, host: Host, deal: Deal) {
  const { account } = host.market
  const price = BigInt(yield* below(Number(deal.request.maxPrice) + 20))
  const offer = new Offer({ host: account, requestId: deal.requestId, price, expiry: deal.request.expiry })
  const made = yield* tried("offerStorage", host.market.offerStorage(offer))
  Option.map(made, (offerId) => deal.offers.push({ host, offer, offerId }))
})

/** Those who are in time, or those who are not. */
const offerAll = Effect.fnUntraced(function* (world: World, deals: ReadonlyArray<Deal>, isLate: boolean) {
  for (const deal of deals) {
    for (const host of world.hosts) {
      const { temper } = host
      const share = isLate ? temper.isLate : 100 - temper.isLate
      if (yield* chance((temper.bids * share) / 100)) yield* offer(world, host, deal)
    }
  }
})

/** The lowest price wins; some clients forget to select. */
const select = Effect.fnUntraced(function* ({ tried }: World, { client, offers }: Deal) {
  const best = Arr.sortWith(offers, ({ offer }) => offer.price, Order.BigInt)[0]
  if (best !== undefined && (yield* chance(85))) yield* tried("selectOffer", client.selectOffer(best.offerId))
})

const start = Effect.fnUntraced(function* ({ ledger, tried }: World, { offers, requestId, client }: Deal) {
  const bed = yield* MarketBed
  const selected = Option.getOrUndefined(yield* client.selectedOffer(requestId))
  const won = offers.find(({ offerId }) => offerId === selected)
  if (won === undefined || !(yield* chance(won.host.temper.starts))) return
  const started = yield* tried("startContract", won.host.market.startContract(won.offerId))
  if (Option.isSome(started)) ledger.start(won.offerId, won.host.market.account, yield* bed.now)
})

/** One period: hosts prove or do not, then the marker tells what was missed. */
const period = Effect.fnUntraced(function* ({ ledger, marker, tried }: World, deals: ReadonlyArray<Deal>) {
  const bed = yield* MarketBed
  const { end, period } = yield* thisPeriod(marker)
  const running = deals.flatMap(({ offers }) => offers).filter(({ offerId }) => ledger.hasStarted(offerId))
  for (const { host, offerId } of running) {
    if (yield* chance(host.temper.proves)) yield* tried("submitProof", host.market.submitProof(offerId, proof))
  }
  yield* bed.advanceTo(end + 1n)
  for (const { offerId } of running) {
    const marked = yield* tried("markProofAsMissing", marker.markProofAsMissing(offerId, period))
    if (Option.isSome(marked)) yield* ledger.miss(marker, offerId)
  }
})

/** Anyone can make both calls; whoever has something coming gets it. */
const collect = Effect.fnUntraced(function* ({ ledger, marker, tried }: World, deal: Deal) {
  for (const { offerId } of deal.offers) yield* tried("finishContract", marker.finishContract(offerId))
  yield* tried("withdrawFunds", marker.withdrawFunds(deal.requestId))
  yield* tried("withdrawFunds", deal.client.withdrawFunds(deal.requestId))
  yield* ledger.settle(deal.client, deal.request, deal.requestId)
})

const wave = Effect.fnUntraced(function* (world: World, number: number) {
  const bed = yield* MarketBed
  const { collateral, proofs } = yield* world.marker.config
  for (const { market } of world.hosts) {
    const missing = collateral.initialAmount - (yield* market.collateral(market.account))
    if (missing > 0n) yield* market.deposit(missing)
    world.ledger.deposit(market.account, missing)
  }
  const numbers = Arr.makeBy(requestsPerWave, (place) => number * requestsPerWave + place)
  const deals = yield* Effect.forEach(numbers, (place) => newDeal(world, place, proofs.period))
  yield* offerAll(world, deals, false)
  for (const deal of deals) yield* select(world, deal)
  const [early, late] = Arr.splitAt(deals, requestsPerWave / 2)
  yield* offerAll(world, early, true)
  for (const deal of deals.slice(2)) yield* start(world, deal)
  yield* bed.advanceTo((yield* bed.now) + openPeriods * proofs.period)
  yield* offerAll(world, late, true)
  for (const deal of deals.slice(0, 2)) yield* start(world, deal)
  for (let i = 0n; i <= periods; i++) yield* period(world, deals)
  for (const deal of deals) yield* collect(world, deal)
})

const checkAll = Effect.fnUntraced(function* ({ clients, hosts, ledger, marker }: World, before: bigint) {
  const bed = yield* OfferBed
  const parties = [...clients, ...hosts.map(({ market }) => market), marker]
  for (const party of parties) yield* party.withdraw
  for (const party of parties) {
    assert.strictEqual(yield* party.tokens(party.account), ledger.owned(party.account))
  }
  assert.strictEqual((yield* marker.tokens(bed.contract)) - before, ledger.burnt)
})

/**
 * Five hosts bid on fifty requests, in five waves. One is reliable; others never start some of their contracts, miss proofs, or offer
 * late. In the end everybody has collected, and a ledger that was kept beside, by the rules alone, has every token of theirs.
 * Everything that is left to chance follows from the seed of `Random`.
 */
export const OfferSimulation = {
  /** Fails an assertion when a token is not where it belongs. Answers how often each call came to what. */
  run: Effect.gen(function* () {
    const bed = yield* OfferBed
    const world = yield* newWorld
    const before = yield* world.marker.tokens(bed.contract)
    const chain = yield* MarketBed
    const seconds = (yield* world.marker.config).proofs.period
    for (let number = 0; number < waves; number++) {
      // begins with a period, so that as many are told in every wave
      const now = yield* chain.now
      yield* chain.advanceTo(Periodicity.periodEnd({ seconds }, Periodicity.periodOf({ seconds }, now)))
      yield* wave(world, number)
    }
    yield* checkAll(world, before)
    return world.ledger.counts
  }),
} as const
