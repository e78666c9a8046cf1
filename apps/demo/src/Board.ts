import { Context, Effect, Layer, Option, Ref, Stdio, Stream } from "effect"

/** One slot as the audience sees it. */
export interface SlotRow {
  readonly index: number
  /** By name; empty: nobody has it yet. */
  readonly host: string
  readonly mark: "·" | "○" | "●" | "◐" | "✓" | "✗"
  readonly state: string
  readonly proofs: number
  /** Proofs that were marked as missing. */
  readonly missed: number
}

export interface Shown {
  /** How it stands as a whole. */
  readonly title: string
  readonly slots: ReadonlyArray<SlotRow>
  /** Of what is going on; none when nothing is. */
  readonly secondsLeft: bigint | null
}

const linesOf = ({ title, secondsLeft, slots }: Shown): ReadonlyArray<string> => [
  "",
  `  ${title}${secondsLeft === null ? "" : `, ${secondsLeft}s left`}`,
  `  ${"SLOT".padEnd(6)}${"HOST".padEnd(12)}${"STATE".padEnd(12)}PROOFS`,
  ...slots.map(
    ({ index, host, mark, state, proofs, missed }) =>
      `  ${`${index}`.padEnd(6)}${(host || "-").padEnd(12)}${`${mark} ${state}`.padEnd(12)}${"▪".repeat(Math.min(proofs, 40))} ${proofs || ""}${missed > 0 ? ` ${"✗".repeat(missed)} ${missed} missed` : ""}`,
  ),
]

const plainOf = ({ title, slots }: Shown) =>
  `${title}: ${slots.map(({ index, host, state, proofs, missed }) => `slot ${index} ${state}${host ? ` at ${host}` : ""}, ${proofs} proofs${missed > 0 ? `, ${missed} missed` : ""}`).join("; ")}`

/** Where the demo is seen: a table that is drawn over on a terminal, plain lines elsewhere. */
export class Board extends Context.Service<
  Board,
  {
    /** Something happened. */
    readonly say: (line: string) => Effect.Effect<void>
    /** The contract as it stands. On a terminal it is drawn anew; elsewhere a line is printed when it changed. */
    readonly show: (shown: Shown) => Effect.Effect<void>
  }
>()("@pecia/demo/Board") {
  static readonly layer = (options: { readonly terminal: boolean; readonly output: "stdout" | "stderr" }) =>
    Layer.effect(
      Board,
      Effect.gen(function* () {
        const stdio = yield* Stdio.Stdio
        const sink =
          options.output === "stdout" ? stdio.stdout({ endOnDone: false }) : stdio.stderr({ endOnDone: false })
        const write = (text: string) => Effect.ignore(Stream.run(Stream.make(text), sink))
        const shown = yield* Ref.make(Option.none<Shown>())
        const drawn = yield* Ref.make(0)

        const erase = Effect.map(Ref.getAndSet(drawn, 0), (lines) => (lines === 0 ? "" : `\u001b[${lines}A\u001b[J`))
        const draw = Effect.gen(function* () {
          const lines = Option.match(yield* Ref.get(shown), { onNone: () => [], onSome: linesOf })
          yield* Ref.set(drawn, lines.length)
          return lines.map((line) => `${line}\n`).join("")
        })

        return Board.of(
          options.terminal
            ? {
                say: (line) =>
                  Effect.gen(function* () {
                    yield* write(`${yield* erase}${line}\n${yield* draw}`)
                  }),
                show: (next) =>
                  Effect.gen(function* () {
                    yield* Ref.set(shown, Option.some(next))
                    yield* write(`${yield* erase}${yield* draw}`)
                  }),
              }
            : {
                say: (line) => write(`${line}\n`),
                show: (next) =>
                  Effect.gen(function* () {
                    const before = Option.map(yield* Ref.getAndSet(shown, Option.some(next)), plainOf)
                    if (!Option.contains(before, plainOf(next))) yield* write(`${plainOf(next)}\n`)
                  }),
              },
        )
      }),
    )
}
