import type { Cid } from "@pecia/datasets"
import { Context, Effect, Layer, type Scope } from "effect"

/** What a node of the network does. */
export interface MemoryNodeBehaviour {
  /** The bytes of a block, undefined when it has not got it. */
  readonly answer: (cid: Cid) => Effect.Effect<Uint8Array | undefined>
  /** True for a peer that it does not talk to. */
  readonly isBanned: (peer: string) => boolean
}

/** A node of the network: who may ask it and be asked by it, and what it says that it has. */
export interface MemoryNode extends MemoryNodeBehaviour {
  readonly id: string
  readonly peers: Set<string>
  /** CIDs, in text, and how many times each was announced. */
  readonly announced: Map<string, number>
  /** Called when it gets a peer. */
  readonly onPeer: Set<() => void>
}

/** The nodes of one process and who is connected to whom. Each `Exchange.layerMemory` on it is a node. */
export class MemoryNetwork extends Context.Service<
  MemoryNetwork,
  {
    /** A new node, which leaves with the scope. */
    readonly join: (behaviour: MemoryNodeBehaviour) => Effect.Effect<MemoryNode, never, Scope.Scope>
    readonly node: (id: string) => MemoryNode | undefined
    /** The node's peers, their peers, and so on: whom it can hear of. */
    readonly reachable: (node: MemoryNode) => ReadonlyArray<MemoryNode>
    readonly connect: (a: MemoryNode, b: MemoryNode) => void
    readonly disconnect: (a: string, b: string) => void
  }
>()("@pecia/exchange/MemoryNetwork") {
  static readonly layer: Layer.Layer<MemoryNetwork> = Layer.sync(MemoryNetwork, () => {
    const nodes = new Map<string, MemoryNode>()
    let joined = 0
    const disconnect = (a: string, b: string) => {
      nodes.get(a)?.peers.delete(b)
      nodes.get(b)?.peers.delete(a)
    }
    return {
      join: (behaviour) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            joined += 1
            const node: MemoryNode = {
              ...behaviour,
              id: `memory-${joined}`,
              peers: new Set(),
              announced: new Map(),
              onPeer: new Set(),
            }
            nodes.set(node.id, node)
            return node
          }),
          ({ id, peers }) =>
            Effect.sync(() => {
              for (const peer of Array.from(peers)) disconnect(id, peer)
              nodes.delete(id)
            }),
        ),
      node: (id) => nodes.get(id),
      reachable: (node) => {
        const known = new Set([node])
        for (const { peers } of known) for (const id of peers) known.add(nodes.get(id) ?? node)
        known.delete(node)
        return Array.from(known)
      },
      connect: (a, b) => {
        a.peers.add(b.id)
        b.peers.add(a.id)
        for (const { onPeer } of [a, b]) for (const notify of Array.from(onPeer)) notify()
      },
      disconnect,
    }
  })
}
