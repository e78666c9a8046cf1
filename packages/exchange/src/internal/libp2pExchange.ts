import type { PeerInfo } from "@libp2p/interface"
import { Effect, FiberSet } from "effect"
import type { ExchangeOptions } from "../Exchange.ts"
import { PeerUnreachable } from "../ExchangeError.ts"
import * as PeerKey from "../PeerKey.ts"
import * as Addresses from "./addresses.ts"
import * as Announcing from "./announcing.ts"
import * as Bans from "./bans.ts"
import * as Discovery from "./discovery.ts"
import * as Fetcher from "./fetcher.ts"
import { keepConnected } from "./keepConnected.ts"
import * as Libp2pNode from "./libp2pNode.ts"
import * as Libp2pWire from "./libp2pWire.ts"
import * as limits from "./limits.ts"
import * as Meeting from "./meeting.ts"
import { protocol } from "./messages.ts"
import { reasonOf } from "./reasons.ts"
import * as ServeBlocks from "./serveBlocks.ts"

export const make = Effect.fnUntraced(function* (options: ExchangeOptions) {
  const known = yield* Effect.forEach(options.peers ?? [], (text) =>
    Effect.fromResult(Addresses.parsePeerAddress(text)),
  )
  const privateKey = yield* PeerKey.decode(options.key ?? (yield* PeerKey.PeerKey.generate), "given bytes")
  const bans = yield* Bans.make(options.bans)
  const { discovery = {} } = options
  let meet = (_peer: PeerInfo) => {}
  const node = yield* Effect.acquireRelease(
    Libp2pNode.make({
      listen: options.listen,
      privateKey,
      isBanned: bans.has,
      discovery: yield* Discovery.load(discovery, (peer) => meet(peer)),
    }),
    Libp2pNode.stop,
  )
  const serve = yield* ServeBlocks.make
  const run = yield* FiberSet.makeRuntime<never>()
  yield* Effect.promise(() =>
    node.handle(protocol, (stream, connection) => void run(serve(stream, connection)), {
      maxInboundStreams: limits.requestsFromPeer * 2,
    }),
  )
  const meeting = Meeting.make(node)
  meet = (peer) => void run(meeting(peer))
  yield* Libp2pNode.start(node, options.listen)

  const dial = Effect.fnUntraced(function* ({ text, multiaddr, peerId }: Addresses.PeerAddress) {
    const unreachable = (detail: string) => new PeerUnreachable({ peer: text, detail })
    if (node.peerId.equals(peerId)) return yield* unreachable("it is this node itself")
    if (bans.has(peerId.toString()))
      return yield* unreachable(`it sent wrong blocks, and is not talked to for ${limits.banDuration}`)
    yield* Effect.tryPromise({
      try: (signal) => node.dial(multiaddr, { signal }),
      catch: (cause) => unreachable(reasonOf(cause)),
    }).pipe(
      Effect.timeoutOrElse({
        duration: limits.openTimeout,
        orElse: () => unreachable(`no answer within ${limits.openTimeout}`),
      }),
    )
  })

  const connect = Effect.fn("Exchange.connect")(function* (text: string) {
    yield* Effect.fromResult(Addresses.parsePeerAddress(text)).pipe(
      Effect.mapError(({ message }) => new PeerUnreachable({ peer: text.slice(0, 300), detail: message })),
      Effect.flatMap(dial),
    )
  })

  for (const address of known) {
    if (!node.peerId.equals(address.peerId)) yield* Effect.forkScoped(keepConnected(node, address, dial(address)))
  }

  const peers = Effect.sync(() =>
    node.getPeers().map((peer) => ({
      id: peer.toString(),
      addresses: node.getConnections(peer).map(({ remoteAddr }) => Addresses.withoutPeerId(remoteAddr)),
    })),
  )

  return {
    peerId: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(Addresses.withoutPeerId),
    connect,
    peers,
    announce: discovery.routing ? yield* Announcing.make(node) : () => Effect.void,
    fetch: yield* Fetcher.make(Libp2pWire.make(node, bans, discovery.routing === true)),
  }
})
