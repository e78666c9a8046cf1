import type { Cid } from "@pecia/datasets"
import { Context, Effect, Layer, type Scope } from "effect"

/** A node of the network: what it answers when it is asked for a block, and who may ask it and be asked by it. */
export interface MemoryNode {
  readonly id: string
  /** The bytes of a block, undefined when it has not got it. */
  readonly answer: (cid: Cid) => Effect.Effect<Uint8Array | undefined>
  readonly peers: Set<string>
  /** Peers that it does not talk to any more. */
  readonly banned: Set<string>
  /** Called when it gets a peer. */
  readonly onPeer: Set<() => void>
}

/** The nodes of one process and who is connected to whom. Each `Exchange.layerMemory` on it is a node. */
export class MemoryNetwork extends Context.Service<
  MemoryNetwork,
  {
    /** A new node, which leaves with the scope. */
    readonly join: (answer: MemoryNode["answer"]) => Effect.Effect<MemoryNode, never, Scope.Scope>
    readonly node: (id: string) => MemoryNode | undefined
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
      join: (answer) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            joined += 1
            const node: MemoryNode = {
              id: `memory-${joined}`,
              answer,
              peers: new Set(),
              banned: new Set(),
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
      connect: (a, b) => {
        a.peers.add(b.id)
        b.peers.add(a.id)
        for (const { onPeer } of [a, b]) for (const notify of Array.from(onPeer)) notify()
      },
      disconnect,
    }
  })
}
