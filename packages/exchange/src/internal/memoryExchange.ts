import type { Cid } from "@pecia/datasets"
import { Effect, Result } from "effect"
import { PeerUnreachable } from "../ExchangeError.ts"
import { MemoryNetwork } from "../MemoryNetwork.ts"
import * as Bans from "./bans.ts"
import * as Fetcher from "./fetcher.ts"
import * as limits from "./limits.ts"
import * as LocalAnswer from "./localAnswer.ts"
import { PeerLost, type Wire } from "./wire.ts"

const addressOf = (peerId: string) => `/memory/${peerId}`

export const make = Effect.gen(function* () {
  const network = yield* MemoryNetwork
  const bans = yield* Bans.make(undefined)
  const self = yield* network.join({ answer: yield* LocalAnswer.make, isBanned: bans.has })
  const { id, peers, announced } = self

  const wire: Wire = {
    peers: Effect.sync(() => Array.from(peers)),
    joined: Effect.callback<void>((resume) => {
      const notify = () => resume(Effect.void)
      self.onPeer.add(notify)
      if (peers.size > 0) notify()
      return Effect.sync(() => self.onPeer.delete(notify))
    }).pipe(Effect.asVoid),
    ask: Effect.fnUntraced(function* (peer, cids, take) {
      for (const [index, cid] of cids.entries()) {
        const other = peers.has(peer) ? network.node(peer) : undefined
        if (other === undefined) return yield* new PeerLost({ detail: "it is not connected any more" })
        const taken = take(cid, index, yield* other.answer(cid))
        if (Result.isFailure(taken)) return yield* taken.failure
      }
    }),
    search: (near) =>
      Effect.sync(() => {
        const found = network
          .reachable(self)
          .filter((other) => !peers.has(other.id) && other.announced.has(near.toString()))
          .filter((other) => !bans.has(other.id) && !other.isBanned(id))
          .slice(0, limits.searchPeersMax)
        for (const other of found) network.connect(self, other)
      }),
    ban: (peer) =>
      Effect.andThen(
        bans.add(peer),
        Effect.sync(() => network.disconnect(id, peer)),
      ),
  }

  const connect = Effect.fn("Exchange.connect")(function* (address: string) {
    const unreachable = (detail: string) => new PeerUnreachable({ peer: address.slice(0, 300), detail })
    const [listening, peer = ""] = address.split("/p2p/")
    const other = network.node(peer)
    if (peer === id) return yield* unreachable("it is this node itself")
    if (other === undefined || listening !== addressOf(peer)) return yield* unreachable("nobody listens there")
    if (bans.has(peer) || other.isBanned(id)) return yield* unreachable("one of the two sent the other wrong blocks")
    network.connect(self, other)
  })

  const announce = Effect.fn("Exchange.announce")(function* (cid: Cid) {
    const key = cid.toString()
    const change = (by: number) =>
      Effect.sync(() => {
        const times = (announced.get(key) ?? 0) + by
        if (times === 0) announced.delete(key)
        else announced.set(key, times)
      })
    yield* Effect.acquireRelease(change(1), () => change(-1))
  })

  return {
    peerId: id,
    addresses: [addressOf(id)],
    connect,
    peers: Effect.sync(() => Array.from(peers, (peer) => ({ id: peer, addresses: [addressOf(peer)] }))),
    announce,
    fetch: yield* Fetcher.make(wire),
  }
})
