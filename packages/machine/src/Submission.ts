import { Effect, Option, Predicate, type Scope } from "effect"
import { backoff, isRetryable, reasonOf, relentlessly } from "./Retrying.ts"
import { settled } from "./Settled.ts"

/** A request that is paid for in advance, and that the chain takes once, as it knows it by its id. */
export interface Submission<Fact, E, R> {
  /** The request, for the log. */
  readonly what: string
  /** What the chain says of it. None: the chain does not know it. */
  readonly look: Effect.Effect<Option.Option<Fact>, E, R>
  /** Whether it still makes sense to send it. */
  readonly isSensible: Effect.Effect<boolean, E, R>
  /** Lets the contract take the price. */
  readonly approve: Effect.Effect<unknown, E, R>
  readonly send: Effect.Effect<unknown, E, R>
  /** Interrupts and fails with `TimedOut`, once it is too late. */
  readonly limit: <A, E, R>(sending: Effect.Effect<A, E, R>) => Effect.Effect<A, unknown, R>
  /** It is on the chain. */
  readonly arrived: Fact
  /** It is not on the chain and will not be sent again; says why, in a sentence. */
  readonly refused: (detail: string) => Fact
}

const neverAccepted = "The request was never accepted by the chain before it would have expired; nothing was paid."

/** What may work when it is tried again: the chain did not answer, or somebody else used up what we had approved. */
const mayPass = (error: unknown) => Predicate.isTagged(error, "InsufficientAllowance") || isRetryable(error)

/**
 * Sends a request until the chain has it or it is too late; the chain is asked first, so it is neither approved nor paid twice. A
 * transaction whose outcome was lost may have arrived, so the chain has the last word, too.
 */
export const submit = <Fact, E, R>({
  what,
  look,
  isSensible,
  approve,
  send,
  limit,
  arrived,
  refused,
}: Submission<Fact, E, R>): Effect.Effect<Fact, never, R | Scope.Scope> => {
  const unlessArrived = (detail: string) =>
    relentlessly(
      `${what} could not be looked at`,
      Effect.map(
        look,
        Option.getOrElse(() => refused(detail)),
      ),
    )

  let approved = false
  const sending = Effect.gen(function* () {
    const said = yield* look
    if (Option.isSome(said)) return said.value
    if (!(yield* isSensible)) return refused(neverAccepted)
    if (!approved) yield* settled(approve)
    approved = true
    yield* settled(send)
    return arrived
  }).pipe(
    Effect.tapError((error) => {
      if (Predicate.isTagged(error, "InsufficientAllowance")) approved = false
      return Effect.logWarning(`${what} could not be sent: ${reasonOf(error)}`)
    }),
    Effect.retry({ schedule: backoff, while: mayPass }),
  )
  return limit(sending).pipe(
    Effect.catch((error) => {
      // A chain that did not know it a moment ago may contradict itself for a while; it is not asked without end.
      if (Predicate.isTagged(error, "RequestAlreadyExists")) return Effect.as(Effect.sleep("1 second"), arrived)
      return unlessArrived(Predicate.isTagged(error, "TimedOut") ? neverAccepted : reasonOf(error))
    }),
    Effect.catchDefect((defect) => unlessArrived(reasonOf(defect))),
  )
}
