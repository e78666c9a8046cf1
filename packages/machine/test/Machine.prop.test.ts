import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Schema } from "effect"
import { runMachine } from "../src/index.ts"

/** Lets everything happen that needs no time. */
const settle = Effect.gen(function* () {
  for (let i = 0; i < 200; i++) yield* Effect.yieldNow
})

/** A machine that goes where it is wanted, works everywhere but at 0, and is at 0 when it has done so; at -1 it ends. */
interface Report {
  /** The works that were begun, by the state that asked for them. */
  readonly begun: Array<number>
  /** The outcomes that were decided on: the state they came from, and the state they were decided in. */
  readonly decided: Array<readonly [from: number, at: number]>
  mostAtOnce: number
}

type Fact = { readonly _tag: "Go"; readonly to: number } | { readonly _tag: "Done"; readonly from: number }

/** Wants the machine in one state after the other, with so many steps of time in between. */
const drive = Effect.fnUntraced(function* (
  journey: ReadonlyArray<{ readonly to: number; readonly after: number }>,
  workLength: number,
  shape: (work: Effect.Effect<void>) => Effect.Effect<void>,
) {
  const report: Report = { begun: [], decided: [], mostAtOnce: 0 }
  let target = 0
  const pokes = yield* Queue.sliding<void>(1)
  const poke = Effect.asVoid(Queue.offer(pokes, undefined))
  let atOnce = 0
  const running = yield* Effect.forkChild(
    Effect.scoped(
      runMachine<number, Fact, { readonly of: number }, never>({
        initial: 0,
        decide: (state, fact) => {
          if (fact._tag === "Go") return fact.to
          report.decided.push([fact.from, state])
          return 0
        },
        work: (state) => (state > 0 ? { of: state } : undefined),
        hasEnded: (state) => state < 0,
        perform: ({ of }) =>
          shape(
            Effect.gen(function* () {
              report.begun.push(of)
              atOnce += 1
              report.mostAtOnce = Math.max(report.mostAtOnce, atOnce)
              for (let i = 0; i < workLength; i++) yield* Effect.yieldNow
            }).pipe(
              Effect.ensuring(
                Effect.sync(() => {
                  atOnce -= 1
                }),
              ),
            ),
          ).pipe(Effect.as({ _tag: "Done", from: of } as const)),
        watch: (tell) =>
          Effect.forever(
            Effect.andThen(Queue.take(pokes), tell(Effect.sync(() => ({ _tag: "Go", to: target }) as const))),
          ),
        onEnter: () => poke,
      }),
    ),
  )
  for (const { to, after } of [...journey, { to: -1, after: 3 }]) {
    for (let i = 0; i < after; i++) yield* Effect.yieldNow
    target = to
    yield* poke
  }
  yield* settle
  assert.isDefined(running.pollUnsafe(), "the machine has ended")
  assert.strictEqual(atOnce, 0)
  return report
})

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const Journey = Schema.Array(Schema.Struct({ to: between(0, 3), after: between(0, 12) }))

describe("runMachine", () => {
  it.effect.prop(
    "does one work at a time, whenever states change, and decides no outcome of a state that was left",
    [Journey, between(0, 6), Schema.Boolean],
    ([journey, length, uninterruptible]) =>
      Effect.gen(function* () {
        const report = yield* drive(journey, length, uninterruptible ? Effect.uninterruptible : (work) => work)
        assert.isAtMost(report.mostAtOnce, 1)
        for (const [from, at] of report.decided) assert.strictEqual(from, at)
      }),
  )

  it.effect("lets the work go on when the next state asks for the same", () =>
    Effect.gen(function* () {
      const report = yield* drive(
        [
          { to: 1, after: 0 },
          { to: 1, after: 2 },
          { to: 1, after: 2 },
        ],
        10,
        (work) => work,
      )
      assert.deepStrictEqual(report.begun, [1])
    }),
  )

  it.effect("survives a thousand states that are left while their work ends", () =>
    Effect.gen(function* () {
      const journey = Array.from({ length: 1000 }, (_, i) => ({ to: 1 + (i % 3), after: i % 11 }))
      const report = yield* drive(journey, 1, (work) => work)
      assert.isAtLeast(report.begun.length, 300)
      assert.isAtLeast(report.decided.length, 1)
    }),
  )
})
