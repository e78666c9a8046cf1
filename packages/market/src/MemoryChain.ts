import { Address, MarketplaceConfig, MarketplaceOptions, type SlotId } from "@pecia/contracts-abi"
import { Context, Effect, Layer, type Stream } from "effect"
import { makeAccountMarket } from "./internal/accountMarket.ts"
import { makeAccountOfferMarket } from "./internal/accountOfferMarket.ts"
import { type Block, makeBlockchain } from "./internal/blockchain.ts"
import { construct } from "./internal/contract/construct.ts"
import { mint } from "./internal/contract/token.ts"
import { keccak256Of } from "./internal/keccak256.ts"
import { type MarketBooks, type MarketLog, noMarketBooks } from "./internal/marketplace/books.ts"
import { forciblyFree } from "./internal/marketplace/slots.ts"
import { noOfferBooks, type OfferBooks, type OfferLog } from "./internal/offers/books.ts"
import type { Market } from "./Market.ts"
import { type ChainError, Reverted } from "./MarketError.ts"
import type { OfferMarket } from "./OfferMarket.ts"

export type { Block }

/** Where the contracts and their money are. */
const marketplaceAddress = Address.make(`0x${"c0".repeat(20)}`)
const offerMarketAddress = Address.make(`0x${"0f".repeat(20)}`)

/** The constants of the reference deployment (contract interface, section 1). */
const referenceConfig = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

/** What the marketplace and the offer market are deployed with, each of them. */
export interface MemoryChainTerms {
  /** By default `MemoryChain.referenceConfig`. */
  readonly config?: MarketplaceConfig
  /** By default `MarketplaceOptions.standard`: slashed collateral is burnt but for a fifth, and one deposit backs any number of slots. */
  readonly options?: MarketplaceOptions
  /** 32 bytes as a number, of a block that is mined. By default it follows from the number alone: every run sees the same challenges. */
  readonly blockHash?: (number: bigint) => bigint
}

/**
 * A chain in memory, on which any number of accounts share one marketplace, one offer market and their token. The two contracts have
 * separate books: collateral in one is none in the other.
 *
 * Law: every transaction that succeeds is mined at once, in a block of its own; one that fails leaves nothing behind. The
 * time of a block is the time of Effect's `Clock` in unix seconds, and never before that of the block before it; several
 * blocks may have the same time. So under `TestClock` the time of the chain stands still until the test moves it.
 */
export class MemoryChain extends Context.Service<
  MemoryChain,
  {
    /** Where the marketplace keeps its tokens. */
    readonly contract: Address
    /** Where the offer market keeps its tokens. */
    readonly offerContract: Address
    readonly config: MarketplaceConfig
    readonly options: MarketplaceOptions
    /** The latest block. The first one, in which the contracts were deployed, has number 257. */
    readonly head: Effect.Effect<Block>
    /** The time, in unix seconds, of a transaction sent now. */
    readonly now: Effect.Effect<bigint>
    /** The latest block, then each newer one. A slow reader gets the latest only. Never ends. */
    readonly blocks: Stream.Stream<Block>
    /** Mines `count` empty blocks (default: one) at the time of now. */
    readonly mine: (count?: bigint) => Effect.Effect<void>
    /**
     * Moves the time of the chain on to `time` (unix seconds) and mines a block; from there it goes on with the clock. A time
     * that was reached already is not gone back to. Where a test moves `TestClock`, it needs no more than `mine`.
     */
    readonly advanceTo: (time: bigint) => Effect.Effect<void>
    /** Makes new tokens, as anyone can do on a test network. */
    readonly mint: (to: Address, amount: bigint) => Effect.Effect<void, ChainError>
    /** Takes a filled slot from its host, as if its collateral had been used up. */
    readonly forciblyFreeSlot: (slotId: SlotId) => Effect.Effect<void, ChainError>
    /** An address that nobody was given before. */
    readonly newAccount: Effect.Effect<Address>
    /** The marketplace, as `account` sees it. */
    readonly market: (account: Address) => Market["Service"]
    /** The offer market, as `account` sees it. */
    readonly offerMarket: (account: Address) => OfferMarket["Service"]
  }
>()("@pecia/market/MemoryChain") {
  static readonly referenceConfig = referenceConfig

  /** A chain of its own for each layer that is built. Constants with which a contract would refuse to be deployed are a defect. */
  static readonly layer = (terms?: MemoryChainTerms): Layer.Layer<MemoryChain> =>
    Layer.effect(
      MemoryChain,
      Effect.gen(function* () {
        const config = terms?.config ?? referenceConfig
        const options = terms?.options ?? MarketplaceOptions.standard
        const deployed = yield* Effect.fromResult(construct(config, options)).pipe(
          Effect.mapError(({ detail }) => new Reverted({ call: "to be deployed", detail })),
          Effect.orDie,
        )
        const chain = yield* makeBlockchain(terms?.blockHash ?? keccak256Of)
        const marketplace = chain.deploy<MarketBooks, MarketLog>(marketplaceAddress, deployed, noMarketBooks)
        const offerMarket = chain.deploy<OfferBooks, OfferLog>(offerMarketAddress, deployed, noOfferBooks)
        let accounts = 0n
        return MemoryChain.of({
          contract: marketplace.address,
          offerContract: offerMarket.address,
          config,
          options,
          head: chain.head,
          now: chain.now,
          blocks: chain.blocks,
          mine: (count = 1n) => chain.mine(count),
          advanceTo: chain.advanceTo,
          mint: (to, amount) => marketplace.transact("mint", to, (call) => mint(call, to, amount)),
          forciblyFreeSlot: (slotId) =>
            marketplace.transact("forciblyFreeSlot", marketplace.address, (call) => forciblyFree(call, slotId)),
          newAccount: Effect.sync(() => Address.make(`0xacc0${(++accounts).toString(16).padStart(36, "0")}`)),
          market: (account) => makeAccountMarket(marketplace, account),
          offerMarket: (account) => makeAccountOfferMarket(offerMarket, account),
        })
      }),
    )
}
