import type { Libp2p } from "@libp2p/interface"
import type { Cid } from "@pecia/datasets"
import { Effect, Stream } from "effect"
import { askBlocks } from "./askBlocks.ts"
import type { Bans } from "./bans.ts"
import { openConnection, until } from "./libp2pNode.ts"
import * as limits from "./limits.ts"
import { PeerLost, type Wire } from "./wire.ts"

/** Calls the peers that announced the CID, as they are found. */
const search = Effect.fnUntraced(function* (node: Libp2p, cid: Cid, isNew: (peer: string) => boolean) {
  const abort = yield* Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (controller) => Effect.sync(() => controller.abort()),
  )
  yield* Stream.fromAsyncIterable(
    node.contentRouting.findProviders(cid, { signal: abort.signal }),
    (cause) => cause,
  ).pipe(
    Stream.filter(({ id }) => isNew(id.toString())),
    Stream.take(limits.searchPeersMax),
    Stream.mapEffect(({ id }) => Effect.exit(Effect.tryPromise((signal) => node.dial(id, { signal }))), {
      concurrency: limits.searchPeersMax,
      unordered: true,
    }),
    Stream.runDrain,
    Effect.timeoutOption(limits.searchTimeout),
    Effect.catch((error) => Effect.logDebug(`The search for peers that have ${cid} ended early: ${error}`)),
  )
}, Effect.scoped)

/** Messages over libp2p. Without `isRouting` there is nobody to ask who has what. */
export const make = (node: Libp2p, bans: Bans, isRouting: boolean): Wire => {
  const peers = () =>
    node
      .getPeers()
      .map(String)
      .filter((peer) => openConnection(node, peer) !== undefined && !bans.has(peer))
  const isNew = (peer: string) =>
    peer !== node.peerId.toString() && openConnection(node, peer) === undefined && !bans.has(peer)

  return {
    peers: Effect.sync(peers),
    joined: until(node, "peer:connect", () => peers().length > 0),
    ask: (peer, cids, take) =>
      Effect.suspend(() => {
        const connection = openConnection(node, peer)
        return connection === undefined
          ? new PeerLost({ detail: "it is not connected any more" })
          : askBlocks(connection, cids, take)
      }),
    search: (near) => (isRouting ? search(node, near, isNew) : Effect.void),
    ban: (peer) =>
      Effect.andThen(
        bans.add(peer),
        Effect.sync(() => {
          for (const connection of node.getConnections()) {
            if (connection.remotePeer.toString() === peer) connection.abort(new Error("the peer misbehaved"))
          }
        }),
      ),
  }
}
