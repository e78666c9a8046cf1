import { identify } from "@libp2p/identify"
import type { ConnectionGater, Libp2p, PrivateKey } from "@libp2p/interface"
import { noise } from "@libp2p/noise"
import { tcp } from "@libp2p/tcp"
import { yamux } from "@libp2p/yamux"
import { Effect } from "effect"
import { createLibp2p } from "libp2p"
import { CannotListen } from "../ExchangeError.ts"

const connectionsMax = 200
/** All nodes of a test network, or behind one router, share an address. */
const connectionsPerSecondFromAddress = 50
/** A machine under load answers pings late; connections are not worth less for that. */
const pingTimeoutMillis = 20_000

const reasonOf = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, " ").trim()

/** A libp2p node that is configured but listens only once it is started. */
export const make = (options: {
  readonly listen: ReadonlyArray<string>
  readonly privateKey: PrivateKey
  readonly isBanned: (peerId: string) => boolean
}): Effect.Effect<Libp2p, CannotListen> => {
  const isBanned = (peer: { readonly toString: () => string }) => options.isBanned(peer.toString())
  const connectionGater: ConnectionGater = {
    denyDialPeer: isBanned,
    denyInboundEncryptedConnection: isBanned,
    denyOutboundEncryptedConnection: isBanned,
  }
  return Effect.tryPromise({
    try: () =>
      createLibp2p({
        start: false,
        privateKey: options.privateKey,
        nodeInfo: { name: "pecia", userAgent: "pecia" },
        addresses: { listen: Array.from(options.listen) },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        services: { identify: identify() },
        connectionGater,
        connectionManager: {
          maxConnections: connectionsMax,
          inboundConnectionThreshold: connectionsPerSecondFromAddress,
          reconnectRetries: 0,
        },
        connectionMonitor: {
          pingInterval: pingTimeoutMillis,
          pingTimeout: { minTimeout: pingTimeoutMillis, maxTimeout: 2 * pingTimeoutMillis },
        },
      }),
    catch: (cause) => new CannotListen({ addresses: options.listen, detail: reasonOf(cause) }),
  })
}

export const start = (node: Libp2p, listen: ReadonlyArray<string>) =>
  Effect.tryPromise({
    try: async () => node.start(),
    catch: (cause) => new CannotListen({ addresses: listen, detail: reasonOf(cause) }),
  })

/** Takes a second at most for each connection that does not close by itself. */
export const stop = (node: Libp2p) => Effect.ignore(Effect.tryPromise(async () => node.stop()))
