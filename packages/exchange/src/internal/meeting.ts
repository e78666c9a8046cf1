import type { Libp2p, PeerInfo } from "@libp2p/interface"
import { Effect } from "effect"
import { openConnection } from "./libp2pNode.ts"
import * as limits from "./limits.ts"
import { reasonOf } from "./reasons.ts"

/** Connects to a peer that told all the network of itself, which it does every few seconds: one that is passed over comes again. */
export const make = (node: Libp2p) => {
  const meetings = new Set<string>()
  return (peer: PeerInfo): Effect.Effect<void> => {
    const id = peer.id.toString()
    const isWanted = () =>
      !peer.id.equals(node.peerId) &&
      !meetings.has(id) &&
      meetings.size < limits.meetingsMax &&
      node.getPeers().length < limits.peersMetMax &&
      openConnection(node, id) === undefined
    const meet = Effect.tryPromise((signal) => node.dial(peer.multiaddrs, { signal })).pipe(
      Effect.timeout(limits.openTimeout),
      Effect.tap(Effect.logDebug(`Peer ${id} was met on this network.`)),
      Effect.catch((error) =>
        Effect.logDebug(`Peer ${id}, which is on this network, is not reached: ${reasonOf(error)}.`),
      ),
    )
    return Effect.suspend(() =>
      isWanted()
        ? Effect.acquireUseRelease(
            Effect.sync(() => meetings.add(id)),
            () => meet,
            () => Effect.sync(() => meetings.delete(id)),
          )
        : Effect.void,
    ).pipe(Effect.asVoid)
  }
}
