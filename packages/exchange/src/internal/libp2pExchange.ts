import type { Libp2p, PeerId } from "@libp2p/interface"
import { BlockStore, type Cid } from "@pecia/datasets"
import { Effect, FiberSet, Schedule, Stream } from "effect"
import { PeerUnreachable } from "../ExchangeError.ts"
import * as PeerKey from "../PeerKey.ts"
import * as Addresses from "./addresses.ts"
import { askBlocks } from "./askBlocks.ts"
import * as Fetcher from "./fetcher.ts"
import * as Libp2pNode from "./libp2pNode.ts"
import * as limits from "./limits.ts"
import { protocol } from "./messages.ts"
import { reasonOf } from "./reasons.ts"
import * as ServeBlocks from "./serveBlocks.ts"
import { PeerLost, type Wire } from "./wire.ts"

/** A peer that accepts connections and closes them at once is not called without a pause. */
const reconnectPause = "500 millis"

/** Known peers are tried for ever, at first twice a second, later each half minute. */
const reconnecting = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")]).pipe(
  Schedule.jittered,
)

const openConnection = (node: Libp2p, peerId: PeerId) =>
  node.getConnections(peerId).find((connection) => connection.status === "open")

/** Ends when `isSo`, which is looked at now and after each event. */
const until = (node: Libp2p, event: "peer:connect" | "peer:disconnect", isSo: () => boolean) =>
  Effect.callback<void>((resume) => {
    const check = () => {
      if (isSo()) resume(Effect.void)
    }
    node.addEventListener(event, check)
    check()
    return Effect.sync(() => node.removeEventListener(event, check))
  })

const makeWire = (node: Libp2p, banned: Set<string>): Wire => {
  const peers = () =>
    node
      .getPeers()
      .filter((peer) => openConnection(node, peer) !== undefined)
      .map(String)
      .filter((peer) => !banned.has(peer))

  return {
    peers: Effect.sync(peers),
    joined: until(node, "peer:connect", () => peers().length > 0),
    ask: (peer: string, cids: ReadonlyArray<Cid>) =>
      Stream.suspend(() => {
        const connection = node
          .getConnections()
          .find(({ remotePeer, status }) => status === "open" && remotePeer.toString() === peer)
        return connection === undefined
          ? Stream.fail(new PeerLost({ detail: "it is not connected any more" }))
          : askBlocks(connection, cids)
      }),
    ban: (peer) =>
      Effect.sync(() => {
        banned.add(peer)
        for (const connection of node.getConnections()) {
          if (connection.remotePeer.toString() === peer) connection.abort(new Error("the peer misbehaved"))
        }
      }),
  }
}

export const make = Effect.fnUntraced(function* (options: {
  readonly listen: ReadonlyArray<string>
  readonly key?: PeerKey.PeerKey
  readonly peers?: ReadonlyArray<string>
}) {
  const known = yield* Effect.forEach(options.peers ?? [], (text) =>
    Effect.fromResult(Addresses.parsePeerAddress(text)),
  )
  const privateKey = yield* PeerKey.decode(options.key ?? (yield* PeerKey.PeerKey.generate), "given bytes")
  const banned = new Set<string>()
  const node = yield* Effect.acquireRelease(
    Libp2pNode.make({ listen: options.listen, privateKey, isBanned: (peer) => banned.has(peer) }),
    Libp2pNode.stop,
  )
  const serve = yield* ServeBlocks.make
  const run = yield* FiberSet.makeRuntime<never>()
  yield* Effect.promise(() =>
    node.handle(protocol, (stream, connection) => void run(serve(stream, connection)), {
      maxInboundStreams: limits.requestsFromPeer * 2,
    }),
  )
  yield* Libp2pNode.start(node, options.listen)

  const dial = Effect.fnUntraced(function* ({ text, multiaddr, peerId }: Addresses.PeerAddress) {
    const unreachable = (detail: string) => new PeerUnreachable({ peer: text, detail })
    if (node.peerId.equals(peerId)) return yield* unreachable("it is this node itself")
    if (banned.has(peerId.toString()))
      return yield* unreachable("it sent wrong blocks, and is not talked to until this node restarts")
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

  const keepConnected = (address: Addresses.PeerAddress) => {
    // What the log says last; it is told of changes only, and of no loss that the first retry mends.
    let told: "nothing" | "reached" | "unreachable" = "nothing"
    const tell = Effect.fnUntraced(function* (news: "reached" | "unreachable", message: string) {
      if (news === told) return yield* Effect.logDebug(message)
      const wasLost = told === "reached"
      told = news
      if (news === "reached") return yield* Effect.logInfo(message)
      yield* Effect.logWarning(wasLost ? `The connection is lost. ${message}` : message)
    })
    return dial(address).pipe(
      Effect.tapError(({ message }) => tell("unreachable", message)),
      Effect.retry(reconnecting),
      Effect.andThen(tell("reached", `Peer ${address.text} is connected.`)),
      Effect.andThen(until(node, "peer:disconnect", () => openConnection(node, address.peerId) === undefined)),
      Effect.andThen(Effect.sleep(reconnectPause)),
      Effect.forever,
    )
  }
  for (const address of known) {
    if (!node.peerId.equals(address.peerId)) yield* Effect.forkScoped(keepConnected(address))
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
    fetch: yield* Fetcher.make(makeWire(node, banned)).pipe(Effect.provideService(BlockStore, yield* BlockStore)),
  }
})
