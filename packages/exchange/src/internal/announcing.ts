import type { Libp2p } from "@libp2p/interface"
import { type Cid, parseCid } from "@pecia/datasets"
import { Effect, RcMap, Result, Schedule, Semaphore } from "effect"
import * as limits from "./limits.ts"
import { reasonOf } from "./reasons.ts"

/** Tells the network, again and again, what this node has; each CID once however often it is announced. */
export const make = Effect.fnUntraced(function* (node: Libp2p) {
  const permits = yield* Semaphore.make(limits.announcementsInFlight)

  const provide = (cid: Cid) =>
    Effect.tryPromise((signal) => node.contentRouting.provide(cid, { signal })).pipe(
      Effect.timeout(limits.announceTimeout),
      permits.withPermit,
      Effect.tapError((error) =>
        Effect.logDebug(`${cid} could not be announced, which is tried again: ${reasonOf(error)}.`),
      ),
      Effect.retry(Schedule.spaced(limits.announceRetryInterval)),
    )

  const withdraw = (cid: Cid) => Effect.ignore(Effect.tryPromise(() => node.contentRouting.cancelReprovide(cid)))

  const announcements = yield* RcMap.make({
    lookup: (text: string) =>
      Effect.gen(function* () {
        const cid = Result.getOrThrow(parseCid(text))
        yield* Effect.addFinalizer(() => withdraw(cid))
        yield* Effect.forkScoped(Effect.forever(Effect.andThen(provide(cid), Effect.sleep(limits.announceInterval))))
      }),
  })

  return Effect.fn("Exchange.announce")((cid: Cid) => RcMap.get(announcements, cid.toString()))
})
