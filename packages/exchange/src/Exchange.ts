import { type Block, type BlockStoreError, Cid } from "@pecia/datasets"
import { Context, type Effect, Schema, type Stream } from "effect"

/** A peer could not be reached, or is not who it should be. */
export class PeerUnreachable extends Schema.TaggedError<PeerUnreachable>()("PeerUnreachable", {
  peer: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return `Peer ${this.peer} cannot be reached: ${this.detail}.`
  }
}

/** No connected peer has, or would send, these blocks. */
export class BlocksUnavailable extends Schema.TaggedError<BlocksUnavailable>()("BlocksUnavailable", {
  cids: Schema.Array(Cid),
  peersAsked: Schema.Int,
}) {
  override get message() {
    return `${this.cids.length} blocks (first ${this.cids[0]}) were not found at ${this.peersAsked} connected peers.`
  }
}

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
    /** Asks the connected peers for blocks; emits them in the order asked for, keeping a bounded number in flight. */
    readonly fetch: (cids: ReadonlyArray<Cid>) => Stream.Stream<Block, BlocksUnavailable | BlockStoreError>
  }
>()("@pecia/exchange/Exchange") {}
