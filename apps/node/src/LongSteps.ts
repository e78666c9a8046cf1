import { Progress, type ProgressReport } from "@pecia/datasets"
import { Context, Effect, Layer, PubSub, type Scope, Stream } from "effect"

/** How far a long step is, and what it is about. */
export interface StepReport extends ProgressReport {
  readonly subject: string
}

/** What the node works at for long: coding, fetching, repairing. */
export class LongSteps extends Context.Service<
  LongSteps,
  {
    /** The steps of an effect are told under this name: the CID of a dataset, or the id of a slot. */
    readonly about: (subject: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /** From now on, as long as the scope is open. A slow reader hears of the latest 64 only. */
    readonly reports: Effect.Effect<Stream.Stream<StepReport>, never, Scope.Scope>
  }
>()("@pecia/node/LongSteps") {
  static readonly layer: Layer.Layer<LongSteps> = Layer.effect(
    LongSteps,
    Effect.gen(function* () {
      const news = yield* PubSub.sliding<StepReport>(64)
      return LongSteps.of({
        about: (subject) => Effect.provideService(Progress, (report) => PubSub.publish(news, { ...report, subject })),
        reports: Effect.map(PubSub.subscribe(news), Stream.fromSubscription),
      })
    }),
  )
}
