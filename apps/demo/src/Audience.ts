import { ChainClock } from "@pecia/clock"
import { type RequestId, type SlotId, type SlotState, slotId, zeroAddress } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { Effect, HashMap, Option, Ref, Stream } from "effect"
import { Board, type SlotRow } from "./Board.ts"
import type { Actor } from "./Nodes.ts"
import type { Plan } from "./Plan.ts"

/** Counts things by their ids. */
export const makeCounter = Effect.map(Ref.make(HashMap.empty<string, number>()), (counts) => {
  const countIn = (all: HashMap.HashMap<string, number>, id: string) => Option.getOrElse(HashMap.get(all, id), () => 0)
  return {
    count: (id: string) => Ref.update(counts, (all) => HashMap.set(all, id, countIn(all, id) + 1)),
    countOf: (id: string) => Effect.map(Ref.get(counts), (all) => countIn(all, id)),
  }
})

/** Counts the proofs of each slot as the chain tells of them. The one that comes with the filling is not counted. */
export const countProofs = Effect.gen(function* () {
  const market = yield* Market
  const { count, countOf } = yield* makeCounter
  yield* market.events().pipe(
    Stream.runForEach((event) => (event._tag === "ProofSubmitted" ? count(event.slotId) : Effect.void)),
    Effect.forkScoped({ startImmediately: true }),
  )
  return (id: SlotId) => Effect.map(countOf(id), (proofs) => Math.max(0, proofs - 1))
})

const marks: Record<SlotState, SlotRow["mark"]> = { Free: "·", Filled: "●", Finished: "◐", Failed: "✗", Paid: "✓" }

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
  yield* board.show({
    title: `contract ${request.toLowerCase()}`,
    secondsLeft: request !== "Started" && request !== "New" ? null : secondsLeft > 0n ? secondsLeft : 0n,
    slots: slots.map((slot) => ({ ...slot, mark: marks[slot.state], state: slot.state.toLowerCase() })),
  })
  return { request, slots }
})
