import { join } from "node:path"
import { AuctionJournal } from "@pecia/auctions"
import { type Address, Deployment } from "@pecia/contracts-abi"
import { BlockStore, Datasets, Scrub, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { Exchange, PeerKey } from "@pecia/exchange"
import { type ChainError, type Market, OfferMarket } from "@pecia/market"
import { BlockReader, ChainRpc, LogReader, MarketEvm, OfferMarketEvm, type TransactionQueue } from "@pecia/market-evm"
import { PurchaseJournal } from "@pecia/purchasing"
import { Reservations } from "@pecia/reservations"
import { BlockRoots } from "@pecia/trees"
import { Effect, Layer, Option, Result } from "effect"
import { AuctionInteractions } from "./AuctionInteractions.ts"
import { BidInteractions } from "./BidInteractions.ts"
import * as BlockSpaceOfReservations from "./BlockSpaceOfReservations.ts"
import { ClientInteractions } from "./ClientInteractions.ts"
import { layerDataDirectory } from "./DataDirectory.ts"
import { HostInteractions } from "./HostInteractions.ts"
import { layerRoutes } from "./http/Server.ts"
import { LaidSlots } from "./LaidSlots.ts"
import { LongSteps } from "./LongSteps.ts"
import * as Mending from "./Mending.ts"
import type { NodeConfig } from "./NodeConfig.ts"
import { NodeIdentity } from "./NodeIdentity.ts"
import { readPrivateKey } from "./PrivateKey.ts"
import { Retrieval } from "./Retrieval.ts"
import * as Validators from "./Validators.ts"

// How a node is put together. To swap a part, provide another Layer for its service.

/** Datasets and slots in blocks on disk, counted by the node's one ledger; coded and hashed in threads of their own. */
export const layerDatasets = ({ dataDirectory }: NodeConfig) =>
  Slots.layer.pipe(
    Layer.provide([ErasureCode.layer, BlockRoots.layer]),
    Layer.provideMerge(Datasets.layer),
    Layer.provideMerge(BlockStore.layerFileSystem({ directory: join(dataDirectory, "blocks") })),
    Layer.provideMerge(BlockSpaceOfReservations.layer),
  )

/** What is stored is read again bit by bit, so that damage is found while others have what is damaged: 1 TiB takes three days. */
const layerScrub = Scrub.layer({ bytesPerSecond: 4_194_304 })

/** Blocks from and for other nodes. */
export const layerExchange = ({ dataDirectory, exchange }: NodeConfig) =>
  Layer.unwrap(
    Effect.map(PeerKey.fromFile(join(dataDirectory, "peer.key")), (key) =>
      Exchange.layer({
        key,
        bans: join(dataDirectory, "bans.json"),
        listen: exchange.listen,
        peers: exchange.peers,
        discovery: {
          local: exchange.discovery.includes("local"),
          routing: exchange.discovery.includes("routing"),
          network: exchange.network,
        },
      }),
    ),
  )

/** Both markets as one account sees them; without `OfferMarket` where there is none. One queue sends its transactions. */
const layerMarkets = (
  options: Parameters<typeof MarketEvm.layerAccount>[0],
  offerMarket: Option.Option<Address>,
): Layer.Layer<Market | TransactionQueue, ChainError, ChainRpc | BlockReader | LogReader> => {
  const account = MarketEvm.layerAccount(options)
  return Option.match(offerMarket, {
    onNone: () => account,
    onSome: (offerMarket) => Layer.provideMerge(OfferMarketEvm.layerAccount({ offerMarket }), account),
  })
}

/** The market as the node's account sees it, the offer market if the deployment has one, and the time of the chain. */
export const layerMarket = (chain: NodeConfig["chain"]) => {
  const options = { url: chain.url, pollingInterval: `${chain.pollingMillis} millis` } as const
  const layerAccount = Layer.unwrap(
    Effect.gen(function* () {
      const privateKey = yield* readPrivateKey(chain.keyFile)
      const { chainId } = yield* ChainRpc
      const deployment = yield* Deployment.read(chain.deploymentFile, chainId)
      const marketplace = yield* Effect.fromResult(Deployment.addressOf(deployment, "Marketplace", chainId))
      const offerMarket = Result.getSuccess(Deployment.addressOf(deployment, "OfferMarket", chainId))
      return layerMarkets({ privateKey, marketplace }, offerMarket).pipe(Layer.provide(LogReader.layer()))
    }),
  )
  return Layer.merge(layerAccount, MarketEvm.layerClock).pipe(
    Layer.provide(BlockReader.layer(options)),
    Layer.provide(ChainRpc.layer(options)),
  )
}

/** What is here, what others have, and what was laid out for them. */
export const layerRetrieval = Retrieval.layer.pipe(
  Layer.provideMerge(LaidSlots.layer),
  Layer.provideMerge(LongSteps.layer),
)

/** The roles that the node plays at fixed prices. */
const layerFixedPriceRoles = ({ roles }: NodeConfig) => {
  const client = roles.includes("client") ? ClientInteractions.layer : Layer.empty
  const host = roles.includes("host") ? HostInteractions.layer : Layer.empty
  return Layer.merge(client, host)
}

/** The roles that the node plays on the offer market; none where there is no such market. */
const layerOfferRoles = (config: NodeConfig) =>
  Layer.unwrap(
    Effect.map(Effect.serviceOption(OfferMarket), (market) => {
      if (Option.isNone(market)) return Layer.empty
      const client = config.roles.includes("client") ? AuctionInteractions.layer : Layer.empty
      const host = config.roles.includes("host") ? BidInteractions.layer(config) : Layer.empty
      return Layer.merge(client, host).pipe(Layer.provide(Layer.succeed(OfferMarket, market.value)))
    }),
  )

/** The roles that the node plays. */
export const layerRoles = (config: NodeConfig) =>
  Layer.mergeAll(
    layerFixedPriceRoles(config),
    layerOfferRoles(config),
    config.roles.includes("validator") ? Validators.layer : Layer.empty,
  )

/** The routes on a node's data. What belongs to a role answers that the node does not play it. */
export const layerStorage = (config: NodeConfig) =>
  layerRoutes.pipe(
    Layer.merge(Mending.layer),
    Layer.provide(layerRetrieval),
    Layer.provide(Layer.succeed(NodeIdentity, { roles: config.roles, dataDirectory: config.dataDirectory })),
  )

/** The routes and the roles, on a market. */
export const layer = (config: NodeConfig) =>
  layerStorage(config).pipe(Layer.provide(layerRoles(config)), Layer.provide(layerRetrieval))

/** The node as `peciad` runs it: on disk, on libp2p, on an EVM chain. */
export const layerLive = (config: NodeConfig) =>
  (config.roles.length === 0 ? layerStorage(config) : Layer.provide(layer(config), layerMarket(config.chain))).pipe(
    Layer.provideMerge(layerExchange(config)),
    Layer.merge(layerScrub),
    Layer.provide(layerDatasets(config)),
    Layer.provide([
      Reservations.layerSql({ quotaBytes: config.quotaBytes }),
      PurchaseJournal.layerSql,
      AuctionJournal.layerSql,
    ]),
    Layer.provide(layerDataDirectory(config.dataDirectory)),
  )
