import { Effect, Stream } from "effect"
import { PeerUnreachable } from "../ExchangeError.ts"
import { MemoryNetwork } from "../MemoryNetwork.ts"
import * as Fetcher from "./fetcher.ts"
import * as LocalAnswer from "./localAnswer.ts"
import { PeerLost, type Wire } from "./wire.ts"

const addressOf = (peerId: string) => `/memory/${peerId}`

export const make = Effect.gen(function* () {
  const network = yield* MemoryNetwork
  const self = yield* network.join(yield* LocalAnswer.make)
  const { id, peers, banned } = self

  const wire: Wire = {
    peers: Effect.sync(() => Array.from(peers)),
    joined: Effect.callback<void>((resume) => {
      const notify = () => resume(Effect.void)
      self.onPeer.add(notify)
      if (peers.size > 0) notify()
      return Effect.sync(() => self.onPeer.delete(notify))
    }).pipe(Effect.asVoid),
    ask: (peer, cids) =>
      Stream.fromIterable(cids).pipe(
        Stream.mapEffect((cid) => {
          const other = peers.has(peer) ? network.node(peer) : undefined
          return other === undefined ? new PeerLost({ detail: "it is not connected any more" }) : other.answer(cid)
        }),
      ),
    ban: (peer) =>
      Effect.sync(() => {
        banned.add(peer)
        network.disconnect(id, peer)
      }),
  }

  const connect = Effect.fn("Exchange.connect")(function* (address: string) {
    const unreachable = (detail: string) => new PeerUnreachable({ peer: address.slice(0, 300), detail })
    const [listening, peer = ""] = address.split("/p2p/")
    const other = network.node(peer)
    if (peer === id) return yield* unreachable("it is this node itself")
    if (other === undefined || listening !== addressOf(peer)) return yield* unreachable("nobody listens there")
    if (banned.has(peer) || other.banned.has(id))
      return yield* unreachable("one of the two sent the other wrong blocks")
    network.connect(self, other)
  })

  return {
    peerId: id,
    addresses: [addressOf(id)],
    connect,
    peers: Effect.sync(() => Array.from(peers, (peer) => ({ id: peer, addresses: [addressOf(peer)] }))),
    fetch: yield* Fetcher.make(wire),
  }
})
