import type { Block, BlockStore, BlockStoreError, Cid } from "@pecia/datasets"
import { Context, Effect, Layer, type Scope, type Stream } from "effect"
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

/** How a node is reached, and how it finds others. */
export interface ExchangeOptions {
  /** Multiaddresses, such as /ip4/127.0.0.1/tcp/0. */
  readonly listen: ReadonlyArray<string>
  /** Gives the node its peer id; without one it is another peer each time. See `PeerKey.fromFile`. */
  readonly key?: PeerKey
  /** Multiaddresses of peers, each ending in /p2p/<peer id>, to which a connection is kept up for ever. */
  readonly peers?: ReadonlyArray<string>
  /** Other ways to find peers; by default there are none. */
  readonly discovery?: {
    /** Finds nodes on this network by mDNS, and connects to up to 50 of them. */
    readonly local?: boolean
    /** Finds who announced what through the peers that are connected, and their peers, and so on (a DHT). */
    readonly routing?: boolean
    /** Nodes of another network are not found. "pecia" by default. */
    readonly network?: string
  }
  /** The file that keeps, for a day, the peers that sent wrong blocks; without one they are forgotten with the layer. */
  readonly bans?: string
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
     * Emits blocks in the order asked for, at most 256 of them (16 MiB) under way. What the local BlockStore has is taken from
     * there, for the rest the connected peers are asked. When these have not got all, peers that announced `near` are looked for
     * and asked. A peer that is lost is tried again for 8 seconds after its last block, one that lies is not.
     */
    readonly fetch: (
      cids: ReadonlyArray<Cid>,
      options?: { readonly near?: Cid },
    ) => Stream.Stream<Block, BlocksUnavailable | BlockStoreError>
    /**
     * Lets others find this node as one that has the block and what belongs to it (a dataset, a slot), as long as the scope is
     * open. Does not wait until anybody took notice. On libp2p: with `discovery.routing` only.
     */
    readonly announce: (cid: Cid) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@pecia/exchange/Exchange") {
  /** On libp2p: tcp, noise, yamux. The node stops with the scope. */
  static readonly layer = (
    options: ExchangeOptions,
  ): Layer.Layer<Exchange, CannotListen | InvalidPeerAddress | InvalidPeerKey, BlockStore> =>
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
