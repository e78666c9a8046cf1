import { type Identify, identify } from "@libp2p/identify"
import type { PeerInfo } from "@libp2p/interface"
import type { KadDHT } from "@libp2p/kad-dht"
import type { Ping } from "@libp2p/ping"
import { Effect } from "effect"
import type { Libp2pOptions } from "libp2p"
import type { ExchangeOptions } from "../Exchange.ts"

/** What libp2p is made with so that it finds peers. */
export type DiscoveryParts = Pick<Libp2pOptions<Services>, "peerDiscovery" | "services">

type Services =
  | { readonly identify: Identify }
  | { readonly identify: Identify; readonly ping: Ping; readonly routing: KadDHT }

const queryIntervalMillis = 10_000

/** The parts of libp2p that find peers; what is not used is not loaded. Nodes that nobody told us of are never called. */
export const load = Effect.fnUntraced(function* (
  { local = false, routing = false, network = "pecia" }: NonNullable<ExchangeOptions["discovery"]>,
  onMet: (peer: PeerInfo) => void,
) {
  const options: DiscoveryParts = { services: { identify: identify() } }
  if (local) {
    const { mdns } = yield* Effect.promise(() => import("@libp2p/mdns"))
    options.peerDiscovery = [
      (components) => {
        const service = mdns({ serviceTag: `_${network}._udp.local`, interval: queryIntervalMillis })(components)
        service.addEventListener("peer", ({ detail }) => onMet(detail))
        return service
      },
    ]
  }
  if (routing) {
    const { kadDHT, passthroughMapper } = yield* Effect.promise(() => import("@libp2p/kad-dht"))
    const { ping } = yield* Effect.promise(() => import("@libp2p/ping"))
    options.services = {
      identify: identify(),
      ping: ping(),
      routing: kadDHT({
        protocol: `/${network}/kad/1.0.0`,
        clientMode: false,
        // Nodes on one network, or one machine, have private addresses only.
        peerInfoMapper: passthroughMapper,
        // No values are kept for others: who has what is all that is asked for.
        validators: { pk: () => Promise.reject(new Error("no values are kept here")) },
      }),
    }
  }
  return options
})
