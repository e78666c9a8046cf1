import { Api } from "@pecia/api"
import { AuctionJournal } from "@pecia/auctions"
import { ChainClock } from "@pecia/clock"
import type { Address } from "@pecia/contracts-abi"
import { BlockStore, Datasets, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { Exchange } from "@pecia/exchange"
import { Market, MemoryChain, MemoryMarket, MemoryOfferMarket, OfferMarket } from "@pecia/market"
import { PurchaseJournal } from "@pecia/purchasing"
import { Reservations } from "@pecia/reservations"
import { BlockRoots } from "@pecia/trees"
import { Context, Effect, identity, Layer, Option, type Scope } from "effect"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientRequest,
  HttpEffect,
  HttpRouter,
  HttpServer,
  type HttpServerRequest,
} from "effect/http"
import { HttpApiClient } from "effect/http-api"
import * as BlockSpaceOfReservations from "../src/BlockSpaceOfReservations.ts"
import { layerServer } from "../src/http/Server.ts"
import * as Node from "../src/Node.ts"
import type { NodeConfig, Role } from "../src/NodeConfig.ts"

/** A whole node in memory: the layers of `peciad`, standing on other layers. */
export interface MemoryNode {
  readonly client: HttpApiClient.ForApi<typeof Api>
  /** A request below the prefix of the routes, as any other client would make it. */
  readonly fetch: (path: string, init?: RequestInit) => Effect.Effect<Response>
  readonly url: string
  readonly exchange: Exchange["Service"]
  readonly ledger: Reservations["Service"]
  readonly store: BlockStore["Service"]
}

export interface MemoryNodeOptions {
  readonly account: Address
  readonly roles: ReadonlyArray<Role>
  readonly quotaBytes?: bigint
  /** Parts that are to go wrong. */
  readonly store?: (works: BlockStore["Service"]) => BlockStore["Service"]
  readonly market?: (works: Market["Service"]) => Market["Service"]
  readonly offerMarket?: (works: OfferMarket["Service"]) => OfferMarket["Service"]
  /** False: on a deployment that names no offer market. */
  readonly offers?: boolean
}

/** 64 blocks. */
const quotaBytesDefault = 4_194_304n

const configOf = (roles: ReadonlyArray<Role>): NodeConfig => ({
  dataDirectory: "/in-memory",
  roles,
  api: { port: 0 },
  exchange: { listen: [], peers: [], discovery: [], network: "test" },
  chain: { url: "", deploymentFile: Option.none(), keyFile: Option.none(), pollingMillis: 0 },
  quotaBytes: quotaBytesDefault,
  marginPercent: 10n,
})

/** Blocks, ledger, network: what a node without a market stands on. */
const layerPlane = ({ quotaBytes = quotaBytesDefault, store = identity }: MemoryNodeOptions) =>
  Layer.mergeAll(Exchange.layerMemory, Slots.layer, PurchaseJournal.layerMemory, AuctionJournal.layerMemory).pipe(
    Layer.provide([ErasureCode.layerInThread, BlockRoots.layerInThread]),
    Layer.provideMerge(Datasets.layer),
    Layer.provideMerge(
      Layer.effect(BlockStore, Effect.map(BlockStore, store)).pipe(Layer.provide(BlockStore.layerMemory)),
    ),
    Layer.provideMerge(BlockSpaceOfReservations.layer),
    Layer.provideMerge(Reservations.layerMemory({ quotaBytes })),
  )

const layerMarkets = ({ account, market = identity, offerMarket = identity, offers = true }: MemoryNodeOptions) =>
  Layer.mergeAll(
    Layer.effect(Market, Effect.map(Market, market)).pipe(Layer.provide(MemoryMarket.layer({ account }))),
    offers
      ? Layer.effect(OfferMarket, Effect.map(OfferMarket, offerMarket)).pipe(
          Layer.provide(MemoryOfferMarket.layer({ account })),
        )
      : Layer.empty,
    Layer.unwrap(Effect.map(MemoryChain, ({ blocks }) => ChainClock.layerBlocks(blocks))),
  )

/** What outlives a node: its blocks, its ledger, its journals, and who it is to others. */
export const buildPlane = (options: MemoryNodeOptions) => Layer.build(layerPlane(options))

type Plane = Effect.Success<ReturnType<typeof buildPlane>>

/** Builds a node on the chain and the network that are given; it runs as long as the scope. */
const assemble = Effect.fnUntraced(function* (options: MemoryNodeOptions, before?: Plane) {
  const config = configOf(options.roles)
  const plane = before ?? (yield* buildPlane(options))
  const node =
    options.roles.length === 0
      ? Node.layerStorage(config)
      : Node.layer(config).pipe(Layer.provide(layerMarkets(options)))
  return {
    routes: node.pipe(Layer.provide(Layer.succeedContext(plane)), Layer.provide(HttpServer.layerServices)),
    exchange: Context.get(plane, Exchange),
    ledger: Context.get(plane, Reservations),
    store: Context.get(plane, BlockStore),
  }
})

/** The ways in which a node is reached at `url`. */
const reach = Effect.fnUntraced(function* (url: string, fetch: typeof globalThis.fetch) {
  const client = yield* HttpApiClient.make(Api, {
    transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(url)),
  }).pipe(Effect.provide(FetchHttpClient.layer), Effect.provideService(FetchHttpClient.Fetch, fetch))
  return {
    client,
    url,
    fetch: (path: string, init?: RequestInit) => Effect.promise(() => fetch(`${url}/api/codex/v1${path}`, init)),
  }
})

/** Runs a node without a socket: its requests and answers are those of the Web. On a plane of an earlier one: again. */
export const runMemoryNode = Effect.fnUntraced(function* (options: MemoryNodeOptions, before?: Plane) {
  const { routes, ...services } = yield* assemble(options, before)
  const serve = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest.HttpServerRequest>(
    yield* Effect.context<never>(),
  )
  const respond = serve(yield* HttpRouter.toHttpEffect(routes))
  const reached = yield* reach("http://node.test", (input, init) => respond(new Request(input, init)))
  return { ...reached, ...services } satisfies MemoryNode
})

/** Runs a node that is reached as `peciad` is: on a port of the loopback interface. */
export const serveMemoryNode = Effect.fnUntraced(function* (options: MemoryNodeOptions) {
  const { routes, ...services } = yield* assemble(options)
  const server = yield* Layer.build(
    HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true }).pipe(Layer.provideMerge(layerServer(0))),
  )
  const { address } = Context.get(server, HttpServer.HttpServer)
  const port = "port" in address ? address.port : 0
  return { ...(yield* reach(`http://127.0.0.1:${port}`, fetch)), ...services, port }
})
