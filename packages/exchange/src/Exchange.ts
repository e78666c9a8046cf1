import type { Block, BlockStore, BlockStoreError, Cid } from "@pecia/datasets"
import { Context, Effect, Layer, type Stream } from "effect"
import type {
  BlocksUnavailable,
  CannotListen,
  InvalidPeerAddress,
  InvalidPeerKey,
  PeerUnreachable,
} from "./ExchangeError.ts"
import * as Libp2pExchange from "./internal/libp2pExchange.ts"
import * as MemoryExchange from "./internal/memoryExchange.ts"
import type { MemoryNetwork } from "./MemoryNetwork.ts"
import type { PeerKey } from "./PeerKey.ts"

export interface Peer {
  readonly id: string
  readonly addresses: ReadonlyArray<string>
}

/**
 * Moves blocks between nodes.
 *
 * Law: every block that `fetch` emits was checked against its CID; every block that the local BlockStore has is served.
 */
export class Exchange extends Context.Service<
  Exchange,
  {
    /** This node's libp2p peer id. */
    readonly peerId: string
    /** The multiaddresses on which this node listens, without the peer id. */
    readonly addresses: ReadonlyArray<string>
    /** Connects to a multiaddress that ends in /p2p/<peer id>. */
    readonly connect: (address: string) => Effect.Effect<void, PeerUnreachable>
    readonly peers: Effect.Effect<ReadonlyArray<Peer>>
    /**
     * Emits blocks in the order asked for, at most 64 of them under way. What the local BlockStore has is taken from there, for
     * the rest the connected peers are asked. A peer that is lost is tried again for 8 seconds, one that lies never.
     */
    readonly fetch: (cids: ReadonlyArray<Cid>) => Stream.Stream<Block, BlocksUnavailable | BlockStoreError>
  }
>()("@pecia/exchange/Exchange") {
  /** On libp2p: tcp, noise, yamux. The node stops with the scope. */
  static readonly layer = (options: {
    /** Multiaddresses, such as /ip4/127.0.0.1/tcp/0. */
    readonly listen: ReadonlyArray<string>
    /** Gives the node its peer id; without one it is another peer each time. See `PeerKey.fromFile`. */
    readonly key?: PeerKey
    /** Multiaddresses of peers, each ending in /p2p/<peer id>, to which a connection is kept up for ever. */
    readonly peers?: ReadonlyArray<string>
  }): Layer.Layer<Exchange, CannotListen | InvalidPeerAddress | InvalidPeerKey, BlockStore> =>
    Layer.effect(
      Exchange,
      Effect.suspend(() => Libp2pExchange.make(options)),
    )

  /** Between nodes of one process. */
  static readonly layerMemory: Layer.Layer<Exchange, never, MemoryNetwork | BlockStore> = Layer.effect(
    Exchange,
    Effect.suspend(() => MemoryExchange.make),
  )
}
