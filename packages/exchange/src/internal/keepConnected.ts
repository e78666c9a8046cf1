import type { Libp2p } from "@libp2p/interface"
import { Effect, Schedule } from "effect"
import type { PeerUnreachable } from "../ExchangeError.ts"
import type { PeerAddress } from "./addresses.ts"
import { openConnection, until } from "./libp2pNode.ts"

/** A peer that accepts connections and closes them at once is not called without a pause. */
const reconnectPause = "500 millis"

/** Known peers are tried for ever, at first twice a second, later each half minute. */
const reconnecting = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")]).pipe(
  Schedule.jittered,
)

/** Keeps up the connection to a known peer for ever, and tells the log when it comes and goes. */
export const keepConnected = (node: Libp2p, address: PeerAddress, dial: Effect.Effect<void, PeerUnreachable>) => {
  // What the log says last; it is told of changes only, and of no loss that the first retry mends.
  let told: "nothing" | "reached" | "unreachable" = "nothing"
  const tell = Effect.fnUntraced(function* (news: "reached" | "unreachable", message: string) {
    if (news === told) return yield* Effect.logDebug(message)
    const wasLost = told === "reached"
    told = news
    if (news === "reached") return yield* Effect.logInfo(message)
    yield* Effect.logWarning(wasLost ? `The connection is lost. ${message}` : message)
  })
  return dial.pipe(
    Effect.tapError(({ message }) => tell("unreachable", message)),
    Effect.retry(reconnecting),
    Effect.andThen(tell("reached", `Peer ${address.text} is connected.`)),
    Effect.andThen(until(node, "peer:disconnect", () => openConnection(node, address.peerId.toString()) === undefined)),
    Effect.andThen(Effect.sleep(reconnectPause)),
    Effect.forever,
  )
}
