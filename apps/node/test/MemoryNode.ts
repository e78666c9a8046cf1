import { Api } from "@pecia/api"
import { ChainClock } from "@pecia/clock"
import type { Address } from "@pecia/contracts-abi"
import { BlockStore, Datasets } from "@pecia/datasets"
import { Exchange } from "@pecia/exchange"
import { MemoryChain, MemoryMarket } from "@pecia/market"
import { PurchaseJournal } from "@pecia/purchasing"
import { Reservations } from "@pecia/reservations"
import { Context, Effect, Layer, Option, type Scope } from "effect"
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
import * as Node from "../src/Node.ts"
import type { NodeConfig, Role } from "../src/NodeConfig.ts"

/** A whole node in memory: the layers of `peciad`, standing on other layers. */
export interface MemoryNode {
  /** What a socket would carry. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  readonly client: HttpApiClient.ForApi<typeof Api>
  readonly exchange: Exchange["Service"]
  readonly ledger: Reservations["Service"]
  readonly store: BlockStore["Service"]
}

export interface MemoryNodeOptions {
  readonly account: Address
  readonly roles: ReadonlyArray<Role>
  readonly quotaBytes?: bigint
  readonly metadataQuotaBytes?: bigint
  /** Instead of a block store that works. */
  readonly layerStore?: typeof BlockStore.layerMemory
}

const origin = "http://node.test"

const configOf = (roles: ReadonlyArray<Role>, quotaBytes: bigint): NodeConfig => ({
  dataDirectory: "/in-memory",
  roles,
  api: { port: 0 },
  exchange: { listen: [], peers: [] },
  chain: { url: "", deploymentFile: Option.none(), keyFile: Option.none(), pollingMillis: 0 },
  quotaBytes,
  leaveSeconds: 10n,
})

/** Blocks, ledger, network: what a node without a market stands on. */
const layerPlane = ({ quotaBytes = 4_194_304n, metadataQuotaBytes, layerStore }: MemoryNodeOptions) =>
  Layer.mergeAll(Exchange.layerMemory, Datasets.layer, PurchaseJournal.layerMemory).pipe(
    Layer.provideMerge(layerStore ?? BlockStore.layerMemory),
    Layer.provideMerge(BlockSpaceOfReservations.layer),
    Layer.provideMerge(
      Reservations.layerMemory(metadataQuotaBytes === undefined ? { quotaBytes } : { quotaBytes, metadataQuotaBytes }),
    ),
  )

const layerMarket = (account: Address) =>
  Layer.merge(
    MemoryMarket.layer({ account }),
    Layer.unwrap(Effect.map(MemoryChain, ({ blocks }) => ChainClock.layerBlocks(blocks))),
  )

/** Runs a node as long as the scope, on the chain and the network that are given. */
export const runMemoryNode = Effect.fnUntraced(function* (options: MemoryNodeOptions) {
  const config = configOf(options.roles, options.quotaBytes ?? 0n)
  const plane = yield* Layer.build(layerPlane(options))
  const node =
    options.roles.length === 0
      ? Node.layerStorage(config)
      : Node.layer(config).pipe(Layer.provide(layerMarket(options.account)))
  const routes = node.pipe(Layer.provide(Layer.succeedContext(plane)), Layer.provide(HttpServer.layerServices))
  const serve = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest.HttpServerRequest>(
    yield* Effect.context<never>(),
  )
  const respond = serve(yield* HttpRouter.toHttpEffect(routes))
  const client = yield* HttpApiClient.make(Api, {
    transformClient: HttpClient.mapRequest(HttpClientRequest.prependUrl(origin)),
  }).pipe(
    Effect.provide(FetchHttpClient.layer),
    Effect.provideService(FetchHttpClient.Fetch, (input, init) => respond(new Request(input, init))),
  )
  return {
    fetch: (path, init) => respond(new Request(`${origin}/api/codex/v1${path}`, init)),
    client,
    exchange: Context.get(plane, Exchange),
    ledger: Context.get(plane, Reservations),
    store: Context.get(plane, BlockStore),
  } satisfies MemoryNode
})
