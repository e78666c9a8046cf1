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
const Step = Schema.Struct({
  verb: Schema.Literals([
    "ask",
    "ask",
    "offer",
    "offer",
    "select",
    "start",
    "miss",
    "pass",
    "finish",
    "refund",
    "leave",
  ]),
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

/** Tries what the step says. */
const take = Effect.fnUntraced(function* (bed: BedShape, trades: Array<Trade>, { verb, pick, host }: typeof Step.Type) {
  if (verb === "ask") {
    const expiry = (yield* bed.now) + 20n + BigInt(pick % 200)
    const made = yield* bed.requested({
      expiry,
      maxPrice: BigInt(pick),
      duration: 50n + BigInt(pick % 97),
      proofProbability: 1n,
    })
    trades.push({ made, offers: [], startedAt: 0n, isRefunded: false, isPaid: false })
  }
  if (verb === "pass") yield* bed.goTo((yield* bed.now) + BigInt(pick % 60) + 1n)
  if (verb === "leave") yield* happened(bed.send(host === 0 ? bed.host : bed.otherHost, "withdraw"))
  const trade = trades[pick % trades.length]
  if (trade === undefined) return
  const { made, offers } = trade
  if (verb === "offer") {
    const price = (made.request.maxPrice * BigInt(pick)) / 999n
    const answer = bed.newOffer(made, { host: host === 0 ? bed.host : bed.otherHost, price })
    if (yield* happened(bed.send(answer.offer.host, "offerStorage", answer.offer))) offers.push(answer)
  }
  const offer = offers[pick % offers.length]
  if (verb === "select" && offer !== undefined) yield* happened(bed.select(offer))
  if (verb === "refund" && (yield* happened(bed.refund(made)))) trade.isRefunded = true
  const contract = yield* selectedOf(bed, trade)
  if (contract === undefined) return
  if (verb === "start" && (yield* happened(bed.send(contract.offer.host, "startContract", contract.id))))
    trade.startedAt = yield* bed.now
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

layer(OfferBed.layer({ config: strict, options, deposit: 1000n }))("the market's tokens", (it) => {
  it.effect.prop(
    "are at all times exactly those that it owes, and none is left when all have taken what is theirs",
    [Arbitrary.array(Arbitrary.schema(Step), { minLength: 40, maxLength: 60 })],
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
