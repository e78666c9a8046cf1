import type { Identify } from "@libp2p/identify"
import type { Libp2p, Stream as Libp2pStream } from "@libp2p/interface"
import type { KadDHT } from "@libp2p/kad-dht"
import { noise } from "@libp2p/noise"
import type { Ping } from "@libp2p/ping"
import { tcp } from "@libp2p/tcp"
import { yamux } from "@libp2p/yamux"
import { multiaddr } from "@multiformats/multiaddr"
import { Effect, type Scope } from "effect"
import { createLibp2p, type Libp2pOptions } from "libp2p"
import type { ExchangeTest } from "../src/testing/index.ts"

export const protocol = "/pecia/blocks/2.0.0"

type Services = NonNullable<
  Libp2pOptions<{ identify?: Identify; ping: Ping; routing: KadDHT } | Record<never, never>>["services"]
>

/** A libp2p node without our rules. */
const rawNode = (services: Services = {}): Effect.Effect<Libp2p, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() =>
      createLibp2p({
        services,
        addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
      }),
    ),
    (node) => Effect.promise(async () => node.stop()),
  )

/** A peer that does to each request what `behave` does; `requests` counts them. */
export const peerThat = Effect.fnUntraced(function* (behave: (stream: Libp2pStream) => void, services?: Services) {
  const node = yield* rawNode(services)
  const peer = { node, address: String(node.getMultiaddrs()[0]), id: node.peerId.toString(), requests: 0 }
  yield* Effect.promise(() =>
    node.handle(protocol, (stream) => {
      peer.requests += 1
      // The reply does not depend on the request, which is read all the same.
      stream.addEventListener("message", () => {})
      behave(stream)
    }),
  )
  return peer
})

/** Connects a raw node to one of ours; answers with a way to open streams to it. */
export const askerOf = Effect.fnUntraced(function* (target: ExchangeTest.BedNode) {
  const node = yield* rawNode()
  const address = multiaddr(`${target.exchange.addresses[0]}/p2p/${target.exchange.peerId}`)
  return Effect.promise(() => node.dialProtocol(address, protocol, { maxOutboundStreams: 1000 }))
})

/** How a stream ends: by its end, or by a reset. */
export const endOf = (stream: Libp2pStream): Effect.Effect<"end" | "reset"> =>
  Effect.callback((resume) => {
    if (stream.status === "reset") resume(Effect.succeed("reset" as const))
    stream.addEventListener("close", () => resume(Effect.succeed(stream.status === "reset" ? "reset" : "end")))
  })
