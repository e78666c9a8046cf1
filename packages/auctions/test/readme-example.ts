import { AuctionJournal, Auctions, SelectingStrategy } from "@pecia/auctions"
import { ChainClock } from "@pecia/clock"
import { ContentHash } from "@pecia/contracts-abi"
import { MemoryOfferMarket } from "@pecia/market"
import { Console, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"

const what = { dataset: "holiday pictures", size: 65_536n, contentHash: ContentHash.make(`0x${"44".repeat(32)}`) }
const terms = { ...what, duration: 3600n, proofProbability: 4n, maxPrice: 1000n, expirySeconds: 600n }

export const program = Effect.gen(function* () {
  const auctions = yield* Auctions
  const [auction] = yield* auctions.open([
    { ...terms, slotIndex: 0 },
    { ...terms, slotIndex: 1 },
  ])
  yield* TestClock.adjust("600 seconds") // no host comes
  const { _tag } = yield* auction.awaitEnd
  yield* Console.log(_tag, Option.getOrThrow(yield* auction.error))
}).pipe(
  Effect.provide(
    Auctions.layer.pipe(
      Layer.provide([MemoryOfferMarket.layerTest(), ChainClock.layerSystem]),
      Layer.provide([AuctionJournal.layerMemory, SelectingStrategy.layerLowestPrice()]),
    ),
  ),
)
