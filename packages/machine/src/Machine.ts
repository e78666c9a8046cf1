import { Effect, Equal, Fiber, Queue, type Scope } from "effect"

/** A level-triggered machine, and what connects it with the world. */
export interface Machine<State, Fact, Work, R> {
  readonly initial: State
  /** Pure. A fact that changes nothing is answered with the very same state; any other object is entered, even an equal one. */
  readonly decide: (state: State, fact: Fact) => State
  /** Pure: what has to go on in a state; works are compared by `Equal`. Undefined: nothing. */
  readonly work: (state: State) => Work | undefined
  /** Whether the machine stops in this state, after `onEnter`. */
  readonly hasEnded: (state: State) => boolean
  /**
   * Does the work of a state and answers with what came of it; the state in which it began is given. Parts that must not be cut
   * off are uninterruptible. Work that fails in a way that the machine has to know of answers with a fact that says so.
   */
  readonly perform: (work: Work, state: State) => Effect.Effect<Fact, never, R>
  /**
   * Asks for the facts that no work brings, as long as the machine runs. What was asked while another state was worked on is
   * dropped, so it is asked anew after `onEnter`.
   */
  readonly watch: (
    tell: (ask: Effect.Effect<Fact, never, R>) => Effect.Effect<void, never, R>,
  ) => Effect.Effect<never, never, R>
  /** Runs on entering a state: after the work of the one before has stopped, before its own begins. */
  readonly onEnter: (state: State) => Effect.Effect<void, never, R>
}

/**
 * Keeps exactly `work(state)` running until the machine has ended. A state that asks for the same work lets it go on; any
 * other interrupts it and waits for what is uninterruptible in it. What an interrupted work achieved is not reported: whatever
 * matters is seen by asking the world in `watch`. Answers with the state in which the machine ended; `watch` goes on until the
 * scope is closed.
 */
export const runMachine = Effect.fnUntraced(function* <State, Fact, Work, R>(
  machine: Machine<State, Fact, Work, R>,
): Effect.fn.Return<State, never, R | Scope.Scope> {
  /** A fact, and the number of the work during which it was asked for. */
  const inbox = yield* Queue.bounded<readonly [fact: Fact, round: number]>(4)
  let state = machine.initial
  let round = 0
  let wanted: Work | undefined
  let working: Fiber.Fiber<void> | undefined

  const tell = (ask: Effect.Effect<Fact, never, R>) =>
    Effect.suspend(() => {
      const asked = round
      return Effect.asVoid(Effect.flatMap(ask, (fact) => Queue.offer(inbox, [fact, asked])))
    })

  yield* Effect.forkScoped(machine.watch(tell))
  for (;;) {
    const goesOn = round > 0 && Equal.equals(wanted, machine.work(state))
    if (!goesOn) {
      if (working !== undefined) yield* Fiber.interrupt(working)
      working = undefined
      wanted = machine.work(state)
      round += 1
    }
    yield* machine.onEnter(state)
    if (machine.hasEnded(state)) return state
    if (!goesOn && wanted !== undefined) working = yield* Effect.forkScoped(tell(machine.perform(wanted, state)))
    const before = state
    while (state === before) {
      const [fact, asked] = yield* Queue.take(inbox)
      if (asked === round) state = machine.decide(state, fact)
    }
  }
})
