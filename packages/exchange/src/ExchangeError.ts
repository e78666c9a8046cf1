import { Cid } from "@pecia/datasets"
import { Schema } from "effect"

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
    const blocks =
      this.cids.length === 1 ? `Block ${this.cids[0]} was` : `${this.cids.length} blocks (first ${this.cids[0]}) were`
    return this.peersAsked === 0
      ? `${blocks} not fetched: no peer is connected.`
      : `${blocks} not found at ${this.peersAsked} connected ${this.peersAsked === 1 ? "peer" : "peers"}.`
  }
}

/** These addresses, of those that were asked for, could not be listened on; `detail` says why and what to do. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  addresses: Schema.Array(Schema.String),
  detail: Schema.String,
}) {
  override get message() {
    const addresses = this.addresses.map((address) => address || '""').join(", ")
    return `Cannot listen on ${addresses}: ${this.detail}.`
  }
}

/** The address of a peer is not one that ends in /p2p/<peer id>. */
export class InvalidPeerAddress extends Schema.TaggedError<InvalidPeerAddress>()("InvalidPeerAddress", {
  address: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return `"${this.address}" is not the address of a peer: ${this.detail}. One looks like /ip4/127.0.0.1/tcp/8070/p2p/12D3KooW...`
  }
}

/** The key that gives this node its peer id cannot be used. */
export class InvalidPeerKey extends Schema.TaggedError<InvalidPeerKey>()("InvalidPeerKey", {
  source: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return `The peer key (${this.source}) cannot be used: ${this.detail}.`
  }
}
