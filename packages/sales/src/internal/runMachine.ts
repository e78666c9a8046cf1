import { Effect, Equal, Fiber, Queue, type Scope } from "effect"

/** A level-triggered machine, and what connects it with the world. */
export interface Machine<State, Fact, Work, R> {
  readonly initial: State
  readonly decide: (state: State, fact: Fact) => State
  /** Undefined: nothing has to go on. */
  readonly work: (state: State) => Work | undefined
  readonly hasEnded: (state: State) => boolean
  /** Does the work of a state and answers with what came of it. Parts that must not be cut off are uninterruptible. */
  readonly perform: (work: Work, state: State) => Effect.Effect<Fact, never, R>
  /** Tells the facts that no work brings, as long as the machine runs. */
  readonly watch: (tell: (fact: Fact) => Effect.Effect<void>) => Effect.Effect<never, never, R>
  /** Runs on entering a state: after the work of the one before has stopped, before its own begins. */
  readonly onEnter: (state: State) => Effect.Effect<void, never, R>
}

/**
 * Keeps exactly `work(state)` running until the machine has ended. A state that asks for the same work lets it go on; any
 * other interrupts it and waits for what is uninterruptible in it. What an interrupted work achieved is not reported:
 * whatever matters is seen by asking the chain.
 */
export const runMachine = Effect.fnUntraced(function* <State, Fact, Work, R>(
  machine: Machine<State, Fact, Work, R>,
): Effect.fn.Return<State, never, R | Scope.Scope> {
  /** A fact, and the round whose work brought it. */
  const inbox = yield* Queue.bounded<readonly [fact: Fact, round: number | undefined]>(4)
  let state = machine.initial
  let round = 0
  let running: { readonly work: Work; readonly fiber: Fiber.Fiber<void> } | undefined

  yield* Effect.forkScoped(machine.watch((fact) => Effect.asVoid(Queue.offer(inbox, [fact, undefined]))))
  for (;;) {
    const wanted = machine.work(state)
    if (running !== undefined && !Equal.equals(running.work, wanted)) {
      yield* Fiber.interrupt(running.fiber)
      running = undefined
      round += 1
    }
    yield* machine.onEnter(state)
    if (machine.hasEnded(state)) return state
    if (wanted !== undefined && running === undefined) {
      const current = round
      const working = Effect.flatMap(machine.perform(wanted, state), (fact) => Queue.offer(inbox, [fact, current]))
      running = { work: wanted, fiber: yield* Effect.forkScoped(Effect.asVoid(working)) }
    }
    const before = state
    while (state === before) {
      const [fact, of] = yield* Queue.take(inbox)
      if (of === undefined || of === round) state = machine.decide(state, fact)
    }
  }
})
