import type { Address } from "@pecia/contracts-abi"
import { type RequestId, type StorageRequest, slotId } from "@pecia/contracts-abi"
import { Effect, Queue, Semaphore } from "effect"
import { SaleSlot } from "../SaleSlot.ts"

/** A request that a host may take slots of, and how many of its slots it has looked at. */
export interface Candidate {
  readonly requestId: RequestId
  readonly request: StorageRequest
  /** The slot index to begin with: each host has its own, so that hosts do not race for the same slot. */
  readonly first: bigint
  readonly steps: bigint
}

export const Candidate = {
  of: (account: Address, requestId: RequestId, request: StorageRequest): Candidate => ({
    requestId,
    request,
    first: BigInt(slotId(requestId, BigInt(account))) % request.ask.slots,
    steps: 0n,
  }),
  /** The slot to look at next. */
  slot: ({ requestId, request, first, steps }: Candidate): SaleSlot =>
    SaleSlot.of(request, (first + steps) % request.ask.slots, requestId),
}

/**
 * The requests that wait for a worker, and those that did not fit.
 *
 * Law: a request is in it once. At most `capacity` requests are open (waiting or in work), whoever brings more waits; so
 * putting one back never waits. Of those that were shelved, the oldest makes room.
 */
export const makeSlotQueue = Effect.fnUntraced(function* (capacity: number) {
  const waiting = yield* Queue.bounded<Candidate>(capacity)
  const room = yield* Semaphore.make(capacity)
  /**
   * `again`: a slot was freed meanwhile, so that the indexes have to be gone through once more.
   * `round`: the one in which a worker took it.
   */
  const open = new Map<RequestId, { again: boolean; round: number }>()
  const shelf = new Map<RequestId, Candidate>()
  /** Counts the calls of `reconsider`. */
  let round = 0

  const putBack = (candidate: Candidate) => Effect.asVoid(Queue.offer(waiting, candidate))

  /** The request needs no more attention. */
  const retire = ({ requestId }: Candidate) =>
    Effect.suspend(() => (open.delete(requestId) ? Effect.asVoid(room.release(1)) : Effect.void))

  const admit = (candidate: Candidate): Effect.Effect<void> =>
    Effect.suspend(() => {
      const { requestId } = candidate
      const known = open.get(requestId)
      if (known !== undefined) {
        known.again = true
        return Effect.void
      }
      open.set(requestId, { again: false, round })
      shelf.delete(requestId)
      return room.take(1).pipe(
        Effect.onInterrupt(() => Effect.sync(() => open.delete(requestId))),
        Effect.andThen(putBack(candidate)),
      )
    })

  return {
    /** Offers a request; waits for room. One that is there already is gone through again. */
    admit,
    take: Effect.map(Queue.take(waiting), (candidate) => {
      const known = open.get(candidate.requestId)
      if (known !== undefined) known.round = round
      return candidate
    }),
    putBack,
    /** Goes on to the next slot of the request, or retires it when it has been through all. */
    step: (candidate: Candidate) =>
      Effect.suspend(() => {
        const steps = candidate.steps + 1n
        if (steps < candidate.request.ask.slots) return putBack({ ...candidate, steps })
        const known = open.get(candidate.requestId)
        if (known?.again !== true) return retire(candidate)
        known.again = false
        return putBack({ ...candidate, steps: 0n })
      }),
    retire,
    /**
     * Puts the request aside until `reconsider`; back into the queue, if that was called since the request was taken: what it
     * lacked may be there. Answers with the one that had to make room.
     */
    shelve: (candidate: Candidate): Effect.Effect<Candidate | undefined> =>
      Effect.gen(function* () {
        const known = open.get(candidate.requestId)
        if (known !== undefined && known.round !== round) {
          known.again = false
          yield* putBack({ ...candidate, steps: 0n })
          return
        }
        yield* retire(candidate)
        shelf.set(candidate.requestId, candidate)
        const [oldest] = shelf.values()
        if (shelf.size <= capacity || oldest === undefined) return
        shelf.delete(oldest.requestId)
        return oldest
      }),
    /** Offers all shelved requests again, from their first slot on. */
    reconsider: Effect.suspend(() => {
      round += 1
      const shelved = [...shelf.values()]
      shelf.clear()
      return Effect.forEach(shelved, (candidate) => admit({ ...candidate, steps: 0n }), { discard: true })
    }),
    sizes: Effect.sync(() => ({ open: open.size, shelved: shelf.size })),
  }
})

export type SlotQueue = Effect.Success<ReturnType<typeof makeSlotQueue>>
