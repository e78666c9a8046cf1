import type { Connection, ConnectionGater, Libp2p, PrivateKey } from "@libp2p/interface"
import { tcp } from "@libp2p/tcp"
import { yamux } from "@libp2p/yamux"
import { Effect } from "effect"
import { createLibp2p } from "libp2p"
import type { CannotListen } from "../ExchangeError.ts"
import type { DiscoveryParts } from "./discovery.ts"
import * as Listening from "./listening.ts"
import { PeerRecords } from "./peerRecords.ts"
import { secureChannel } from "./secureChannel.ts"

const connectionsMax = 200
/** All nodes of a test network, or behind one router, share an address. */
const connectionsPerSecondFromAddress = 50
/** A machine under load answers pings late; connections are not worth less for that. */
const pingTimeoutMillis = 20_000

/** A libp2p node that is configured but listens only once it is started. */
export const make = (options: {
  readonly listen: ReadonlyArray<string>
  readonly privateKey: PrivateKey
  readonly isBanned: (peerId: string) => boolean
  readonly discovery: DiscoveryParts
}): Effect.Effect<Libp2p, CannotListen> => {
  const isBanned = (peer: { readonly toString: () => string }) => options.isBanned(peer.toString())
  const connectionGater: ConnectionGater = {
    denyDialPeer: isBanned,
    denyInboundEncryptedConnection: isBanned,
    denyOutboundEncryptedConnection: isBanned,
  }
  const create = Effect.tryPromise({
    try: () =>
      createLibp2p({
        start: false,
        privateKey: options.privateKey,
        nodeInfo: { name: "pecia", userAgent: "pecia" },
        addresses: { listen: Array.from(options.listen) },
        transports: [tcp()],
        connectionEncrypters: [secureChannel],
        streamMuxers: [yamux()],
        datastore: new PeerRecords(),
        ...options.discovery,
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
    catch: (cause) => Listening.cannotListen(options.listen, cause),
  })
  return Effect.andThen(Effect.fromResult(Listening.check(options.listen)), create)
}

export const start = (node: Libp2p, listen: ReadonlyArray<string>) =>
  Effect.tryPromise({
    try: async () => node.start(),
    catch: (cause) => Listening.cannotListen(listen, cause),
  })

/** Takes a second at most for each connection that does not close by itself. */
export const stop = (node: Libp2p) => Effect.ignore(Effect.tryPromise(async () => node.stop()))

export const openConnection = (node: Libp2p, peer: string): Connection | undefined =>
  node.getConnections().find(({ remotePeer, status }) => status === "open" && remotePeer.toString() === peer)

/** Ends when `isSo`, which is looked at now and after each event. */
export const until = (node: Libp2p, event: "peer:connect" | "peer:disconnect", isSo: () => boolean) =>
  Effect.callback<void>((resume) => {
    const check = () => {
      if (isSo()) resume(Effect.void)
    }
    node.addEventListener(event, check)
    check()
    return Effect.sync(() => node.removeEventListener(event, check))
  })
