import { ChainClock } from "@pecia/clock"
import { type RequestId, type SlotId, type SlotState, slotId, zeroAddress } from "@pecia/contracts-abi"
import { Market, type MarketEvent } from "@pecia/market"
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

/** What the chain tells of a slot. A proof that comes with a filling is not counted. */
interface SlotStory {
  /** The block in which its host filled it; null: it has none. */
  readonly filledIn: bigint | null
  /** Since then. */
  readonly proofs: number
  /** Of the hosts before. */
  readonly earlierProofs: number
}

const untold: SlotStory = { filledIn: null, proofs: 0, earlierProofs: 0 }

const nextOf = (story: SlotStory, event: MarketEvent): SlotStory => {
  const { earlierProofs, filledIn, proofs } = story
  switch (event._tag) {
    case "ProofSubmitted":
      return filledIn === null ? story : { ...story, proofs: proofs + 1 }
    case "SlotFilled":
      return { filledIn: event.blockNumber, proofs: 0, earlierProofs }
    case "SlotFreed":
      return { filledIn: null, proofs: 0, earlierProofs: earlierProofs + proofs }
    default:
      return story
  }
}

/** Listens to what the chain tells of slots. */
export const listen = Effect.gen(function* () {
  const market = yield* Market
  const stories = yield* Ref.make(HashMap.empty<SlotId, SlotStory>())
  const storyOf = (id: SlotId) =>
    Effect.map(Ref.get(stories), (all) => Option.getOrElse(HashMap.get(all, id), () => untold))
  yield* market.events().pipe(
    Stream.runForEach((event) =>
      "slotId" in event
        ? Effect.flatMap(storyOf(event.slotId), (story) =>
            Ref.update(stories, HashMap.set(event.slotId, nextOf(story, event))),
          )
        : Effect.void,
    ),
    Effect.forkScoped({ startImmediately: true }),
  )
  return storyOf
})

const marks: Record<SlotState, SlotRow["mark"]> = { Free: "·", Filled: "●", Finished: "◐", Failed: "✗", Paid: "✓" }

/** Looks at a contract and shows what is to be seen. */
export const glanceAt = Effect.fnUntraced(function* (
  id: RequestId,
  plan: Plan,
  hosts: ReadonlyArray<Actor>,
  storyOf: Effect.Success<typeof listen>,
) {
  const market = yield* Market
  const board = yield* Board
  const clock = yield* ChainClock
  const slotAt = Effect.fnUntraced(function* (index: number) {
    const slot = slotId(id, BigInt(index))
    const state = yield* market.slotState(slot)
    const address = Option.getOrElse(yield* market.getHost(slot), () => zeroAddress)
    const host = hosts.find((one) => one.address === address)?.name ?? ""
    const missed = Number(yield* market.missingProofs(slot))
    return { index, address, host, state, missed, ...(yield* storyOf(slot)) }
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
