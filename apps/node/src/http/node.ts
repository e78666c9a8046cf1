import { Api, Unavailable } from "@pecia/api"
import { ChainClock } from "@pecia/clock"
import { Exchange } from "@pecia/exchange"
import { Market, OfferMarket } from "@pecia/market"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import manifest from "../../package.json" with { type: "json" }
import { NodeIdentity } from "../NodeIdentity.ts"
import { badRequest } from "./answers.ts"

const peerJson = (peerId: string, address: string, seen: boolean) => ({
  nodeId: peerId,
  peerId,
  record: "",
  address,
  seen,
})

export const nodeHandlers = HttpApiBuilder.group(
  Api,
  "node",
  Effect.fn(function* (handlers) {
    const exchange = yield* Exchange
    const identity = yield* NodeIdentity
    const market = yield* Effect.serviceOption(Market)
    const offerMarket = yield* Effect.serviceOption(OfferMarket)
    const clock = yield* Effect.serviceOption(ChainClock)

    const chain = Effect.gen(function* () {
      if (Option.isNone(market) || Option.isNone(clock)) return null
      const { account } = market.value
      return {
        account,
        time: yield* clock.value.now,
        tokens: yield* market.value.tokens(account),
        collateral: yield* market.value.collateral(account),
        offerCollateral: Option.isSome(offerMarket) ? yield* offerMarket.value.collateral(account) : null,
      }
    }).pipe(Effect.mapError(({ message }) => new Unavailable({ message })))

    return handlers.handleAll({
      info: Effect.fn(function* () {
        const peers = yield* exchange.peers
        return {
          id: exchange.peerId,
          addrs: exchange.addresses,
          repo: identity.dataDirectory,
          announceAddresses: exchange.addresses,
          table: {
            localNode: peerJson(exchange.peerId, exchange.addresses[0] ?? "", true),
            nodes: peers.map((peer) => peerJson(peer.id, peer.addresses[0] ?? "", true)),
          },
          codex: { version: manifest.version, revision: `v${manifest.version}`, contracts: `v${manifest.version}` },
          roles: identity.roles,
          chain: yield* chain,
        }
      }),

      connect: Effect.fn(function* ({ params, query }) {
        const addresses = [query.addrs ?? []].flat()
        if (addresses.length === 0)
          return yield* badRequest({
            message: "Unable to find Peer! Name at least one of its multiaddresses with ?addrs=",
          })
        yield* Effect.firstSuccessOf(
          addresses.map((address) => exchange.connect(`${address.replace(/\/p2p\/.*$/, "")}/p2p/${params.peerId}`)),
        ).pipe(Effect.mapError(badRequest))
        return "Successfully connected to peer"
      }),
    })
  }),
)
