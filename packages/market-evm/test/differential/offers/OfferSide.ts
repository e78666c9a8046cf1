import type { MarketplaceDeployment } from "@pecia/contracts"
import type { Address } from "@pecia/contracts-abi"
import { type ChainError, type OfferEvent, OfferMarket } from "@pecia/market"
import { Effect, Option, Stream } from "effect"
import { offerEventOfLog } from "../../../src/internal/offers/eventOfLog.ts"
import { offerViewsOf } from "../../../src/internal/offers/views.ts"
import { offerWritesOf } from "../../../src/internal/offers/writes.ts"
import { openOfferMarket } from "../../../src/internal/openContract.ts"
import { type BlockHashes, evmChain } from "../EvmChain.ts"
import { type MemorySideOptions, memoryChain } from "../MemorySide.ts"
import { type ContractSide, type Outcome, outcomeOf } from "../Side.ts"
import type { OfferStep } from "./OfferStep.ts"

/** The side of an offer market. */
export type OfferSide = ContractSide<OfferMarket["Service"], OfferEvent>

/** The rules as `MemoryOfferMarket` has them. */
export const offerMemorySide = Effect.fnUntraced(function* (options: MemorySideOptions) {
  const { chain, markets, news, within } = yield* memoryChain<OfferEvent, OfferMarket["Service"]>(
    options,
    ({ offerMarket }, account) => offerMarket(account),
  )
  const { advanceTo, head, mine, mint, offerContract: contract } = chain
  const side: OfferSide = { contract, markets, mint, advanceTo, mine, head, news }
  return { side, within }
})

/** An offer market on anvil through the `OfferMarket` of this package, but for its queue. */
export const offerEvmSide = Effect.fnUntraced(function* (
  { offerMarket: deployed, token }: MarketplaceDeployment,
  accounts: ReadonlyArray<Address>,
  hashes: BlockHashes,
) {
  const contract = Option.getOrThrow(deployed)
  const called = { contract, token, read: offerEventOfLog }
  const { chain, queueOf } = yield* evmChain<OfferEvent>(called, accounts, hashes)
  const marketOf = Effect.fnUntraced(function* (account: Address) {
    const offerMarket = yield* openOfferMarket(contract, account)
    return OfferMarket.of({
      ...offerViewsOf(offerMarket),
      ...offerWritesOf(offerMarket, queueOf(account)),
      events: () => Stream.empty,
    })
  })
  const side: OfferSide = { ...chain, markets: yield* Effect.forEach(accounts, marketOf) }
  return side
})

const run = (side: OfferSide, step: OfferStep) => {
  switch (step._tag) {
    case "mint":
      return side.mint(step.to, step.amount)
    case "advanceTo":
      return side.advanceTo(step.time)
    case "mine":
      return side.mine(step.count)
  }
  const market = side.markets[step.who]
  if (market === undefined) return Effect.die(`There is no account ${step.who}.`)
  switch (step._tag) {
    case "approveFunds":
      return market.approveFunds(step.amount)
    case "deposit":
      return market.deposit(step.amount)
    case "withdraw":
      return market.withdraw
    case "requestStorage":
      return market.requestStorage(step.request)
    case "offerStorage":
      return market.offerStorage(step.offer)
    case "selectOffer":
      return market.selectOffer(step.offerId)
    case "startContract":
      return market.startContract(step.offerId)
    case "finishContract":
      return market.finishContract(step.offerId)
    case "withdrawFunds":
      return market.withdrawFunds(step.requestId)
    case "submitProof":
      return market.submitProof(step.offerId, step.proof)
    case "markProofAsMissing":
      return market.markProofAsMissing(step.offerId, step.period)
  }
}

/** Does a step on one side. */
export const perform = (side: OfferSide, step: OfferStep): Effect.Effect<Outcome, ChainError> => {
  const done: Effect.Effect<unknown, Effect.Error<ReturnType<typeof run>>> = run(side, step)
  return outcomeOf(done)
}
