import { assert, layer } from "@effect/vitest"
import { Address, MarketplaceOptions } from "@pecia/contracts-abi"
import { Arbitrary, Effect, Schema } from "effect"
import { proofMissed } from "./missedProof.ts"
import { OfferBed, onOfferBed, strict } from "./OfferBed.ts"

type BedShape = OfferBed["Service"]

/** A request, and what happened to it. */
interface Trade {
  readonly made: Effect.Success<ReturnType<BedShape["newRequest"]>>
  readonly offers: Array<ReturnType<BedShape["newOffer"]>>
  startedAt: bigint
  isRefunded: boolean
  isPaid: boolean
}

const treasury = Address.make(`0x${"77".repeat(20)}`)
const options = new MarketplaceOptions({ ...MarketplaceOptions.standard, treasury })

const holders = ({ client, host, otherHost, stranger }: BedShape) => [client, host, otherHost, stranger, treasury]

const below = (count: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: count - 1 })))
const once = ["ask", "offer", "select", "start", "leave"] as const
const often = ["agree", "miss", "pass", "finish", "refund"] as const
const Step = Schema.Struct({
  verb: Schema.Literals([...once, ...often, ...often, ...often]),
  pick: below(1000),
  host: below(2),
})

/** Whether the market let it happen. */
const happened = <E extends { readonly _tag: string }, R>(attempt: Effect.Effect<unknown, E, R>) =>
  Effect.match(attempt, { onFailure: () => false, onSuccess: () => true })

/** The request's contract, if there is one. */
const selectedOf = Effect.fnUntraced(function* (bed: BedShape, { made, offers }: Trade) {
  const selected = yield* bed.view("selectedOffer", made.requestId)
  return offers.find(({ id }) => id === selected)
})

/** What the market owes the client and the host of a request. */
const owed = Effect.fnUntraced(function* (bed: BedShape, trade: Trade) {
  const { maxPrice, duration } = trade.made.request
  const contract = yield* selectedOf(bed, trade)
  if (contract === undefined) return trade.isRefunded ? 0n : maxPrice
  const { price } = contract.offer
  const state = yield* bed.state(contract)
  if (state === "Finished" || state === "Released") return 0n
  if (state !== "Failed") return price
  const share = (price * ((yield* bed.count("proofEnd", contract.id)) - trade.startedAt)) / duration
  return (trade.isPaid ? 0n : share) + (trade.isRefunded ? 0n : price - share)
})

const assertExact = Effect.fnUntraced(function* (bed: BedShape, trades: ReadonlyArray<Trade>) {
  let sum = 0n
  for (const account of holders(bed)) sum += yield* bed.count("balanceOf", account)
  for (const trade of trades) sum += yield* owed(bed, trade)
  assert.strictEqual(yield* bed.tokens(bed.address), sum)
})

/** Puts a request on the market; what it says depends on the seed alone. */
const ask = Effect.fnUntraced(function* (bed: BedShape, trades: Array<Trade>, seed: number) {
  const fields = { maxPrice: BigInt(seed * 7919), duration: 60n + BigInt((seed * 31) % 900), proofProbability: 1n }
  const made = yield* bed.requested({ ...fields, expiry: (yield* bed.now) + 30n + BigInt((seed * 17) % 300) })
  trades.push({ made, offers: [], startedAt: 0n, isRefunded: false, isPaid: false })
})

const offer = Effect.fnUntraced(function* (bed: BedShape, { made, offers }: Trade, host: string, seed: number) {
  const price = (made.request.maxPrice * BigInt((seed * 13) % 1000)) / 999n
  const answer = bed.newOffer(made, { host, price })
  if (yield* happened(bed.send(host, "offerStorage", answer.offer))) offers.push(answer)
})

const select = Effect.fnUntraced(function* (bed: BedShape, { offers }: Trade, pick: number) {
  const answer = offers[pick % offers.length]
  if (answer !== undefined) yield* happened(bed.select(answer))
})

const start = Effect.fnUntraced(function* (bed: BedShape, trade: Trade) {
  const contract = yield* selectedOf(bed, trade)
  if (contract === undefined) return
  if (yield* happened(bed.send(contract.offer.host, "startContract", contract.id))) trade.startedAt = yield* bed.now
})

/** Tries what the step says, with one of the last requests. */
const take = Effect.fnUntraced(function* (bed: BedShape, trades: Array<Trade>, step: typeof Step.Type) {
  const { pick, verb } = step
  const host = step.host === 0 ? bed.host : bed.otherHost
  if (verb === "ask" || verb === "agree") yield* ask(bed, trades, pick)
  if (verb === "pass") yield* bed.goTo((yield* bed.now) + BigInt(pick % 100) + 1n)
  if (verb === "leave") {
    yield* happened(bed.send(host, "withdraw"))
    yield* happened(bed.send(host, "deposit", 200n))
  }
  const trade = trades[verb === "agree" ? trades.length - 1 : trades.length - 1 - (pick % 4)]
  if (trade === undefined) return
  if (verb === "offer" || verb === "agree") yield* offer(bed, trade, host, pick)
  if (verb === "select" || verb === "agree") yield* select(bed, trade, pick)
  if (verb === "start" || (verb === "agree" && pick % 4 > 0)) yield* start(bed, trade)
  if (verb === "refund" && (yield* happened(bed.refund(trade.made)))) trade.isRefunded = true
  const contract = yield* selectedOf(bed, trade)
  if (contract === undefined) return
  if (verb === "finish" && (yield* happened(bed.finish(contract)))) trade.isPaid = true
  if (verb === "miss") {
    const period = yield* proofMissed(bed, contract.id)
    yield* happened(bed.send(bed.stranger, "markProofAsMissing", contract.id, period))
  }
})

/** All take what is theirs. */
const settle = Effect.fnUntraced(function* (bed: BedShape, trades: ReadonlyArray<Trade>) {
  yield* bed.goTo((yield* bed.now) + 1000n)
  for (const trade of trades) {
    const contract = yield* selectedOf(bed, trade)
    if (contract !== undefined) yield* happened(bed.finish(contract))
    yield* happened(bed.refund(trade.made))
  }
  yield* bed.devnet.rpc("anvil_setBalance", [treasury, "0xde0b6b3a7640000"])
  for (const account of holders(bed)) yield* bed.send(account, "withdraw")
})

layer(OfferBed.layer({ config: strict, options, deposit: 200n }))("the market's tokens", (it) => {
  it.effect.prop(
    "are at all times exactly those that it owes, and none is left when all have taken what is theirs",
    [Arbitrary.array(Arbitrary.schema(Step), { minLength: 60, maxLength: 80 })],
    ([steps]) =>
      onOfferBed(function* (bed) {
        const trades: Array<Trade> = []
        for (const step of steps) {
          yield* take(bed, trades, step)
          yield* assertExact(bed, trades)
        }
        yield* settle(bed, trades)
        assert.strictEqual(yield* bed.tokens(bed.address), 0n)
      }),
    { timeout: 120_000, arbitrary: { runs: 12 } },
  )
})
