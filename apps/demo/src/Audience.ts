import { ChainClock } from "@pecia/clock"
import { type RequestId, type SlotId, slotId, zeroAddress } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Effect, HashMap, Option, Ref, Stream } from "effect"
import { Board } from "./Board.ts"
import type { Actor } from "./Nodes.ts"
import type { Plan } from "./Plan.ts"

/** Counts the proofs of each slot as the chain tells of them. The one that comes with the filling is not counted. */
export const countProofs = Effect.gen(function* () {
  const market = yield* Market
  const counts = yield* Ref.make(HashMap.empty<SlotId, number>())
  const countOf = (all: HashMap.HashMap<SlotId, number>, id: SlotId) => Option.getOrElse(HashMap.get(all, id), () => 0)
  yield* market.events().pipe(
    Stream.runForEach((event) =>
      event._tag === "ProofSubmitted"
        ? Ref.update(counts, (all) => HashMap.set(all, event.slotId, countOf(all, event.slotId) + 1))
        : Effect.void,
    ),
    Effect.forkScoped({ startImmediately: true }),
  )
  return (id: SlotId) => Effect.map(Ref.get(counts), (all) => Math.max(0, countOf(all, id) - 1))
})

/** Looks at a contract and shows what is to be seen. */
export const glanceAt = Effect.fnUntraced(function* (
  id: RequestId,
  plan: Plan,
  hosts: ReadonlyArray<Actor>,
  proofsOf: (id: SlotId) => Effect.Effect<number>,
) {
  const market = yield* Market
  const board = yield* Board
  const clock = yield* ChainClock
  const slotAt = Effect.fnUntraced(function* (index: number) {
    const slot = slotId(id, BigInt(index))
    const address = Option.getOrElse(yield* market.getHost(slot), () => zeroAddress)
    const host = hosts.find((one) => one.address === address)?.name ?? ""
    return { index, address, host, state: yield* market.slotState(slot), proofs: yield* proofsOf(slot) }
  })
  const indexes = Array.from({ length: plan.slots }, (_, index) => index)
  const slots = yield* Effect.forEach(indexes, slotAt, { concurrency: "unbounded" })
  const request = Option.getOrElse(yield* market.requestState(id), () => "New" as const)
  const secondsLeft = (yield* market.requestEnd(id)) - (yield* clock.now)
  yield* board.show({ request, secondsLeft: secondsLeft > 0n ? secondsLeft : 0n, slots })
  return { request, slots }
})
