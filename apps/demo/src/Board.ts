import type { Address, RequestState, SlotState } from "@pecia/contracts-abi"
import { Context, Effect, Layer, Ref, Stdio, Stream } from "effect"

/** One slot as the audience sees it. */
export interface SlotRow {
  readonly index: number
  readonly host: string
  readonly address: Address
  readonly state: SlotState
  readonly proofs: number
}

interface Shown {
  readonly request: RequestState | null
  readonly secondsLeft: bigint
  readonly slots: ReadonlyArray<SlotRow>
}

const nothing: Shown = { request: null, secondsLeft: 0n, slots: [] }

const marks: Record<SlotState, string> = { Free: "·", Filled: "●", Finished: "◐", Failed: "✗", Paid: "✓" }

const linesOf = ({ request, secondsLeft, slots }: Shown): ReadonlyArray<string> =>
  request === null
    ? []
    : [
        "",
        `  contract ${request.toLowerCase()}${request === "Started" || request === "New" ? `, ${secondsLeft}s left` : ""}`,
        `  ${"SLOT".padEnd(6)}${"HOST".padEnd(12)}${"STATE".padEnd(12)}PROOFS`,
        ...slots.map(
          ({ index, host, state, proofs }) =>
            `  ${`${index}`.padEnd(6)}${(host || "-").padEnd(12)}${`${marks[state]} ${state.toLowerCase()}`.padEnd(12)}${"▪".repeat(Math.min(proofs, 40))} ${proofs || ""}`,
        ),
      ]

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
        const shown = yield* Ref.make(nothing)
        const drawn = yield* Ref.make(0)

        const erase = Effect.map(Ref.getAndSet(drawn, 0), (lines) => (lines === 0 ? "" : `\u001b[${lines}A\u001b[J`))
        const draw = Effect.gen(function* () {
          const lines = linesOf(yield* Ref.get(shown))
          yield* Ref.set(drawn, lines.length)
          return lines.map((line) => `${line}\n`).join("")
        })
        const plainOf = ({ request, slots }: Shown) =>
          `contract ${request?.toLowerCase()}: ${slots.map(({ index, state, proofs }) => `slot ${index} ${state.toLowerCase()}, ${proofs} proofs`).join("; ")}`

        return Board.of(
          options.terminal
            ? {
                say: (line) =>
                  Effect.gen(function* () {
                    yield* write(`${yield* erase}${line}\n${yield* draw}`)
                  }),
                show: (next) =>
                  Effect.gen(function* () {
                    yield* Ref.set(shown, next)
                    yield* write(`${yield* erase}${yield* draw}`)
                  }),
              }
            : {
                say: (line) => write(`${line}\n`),
                show: (next) =>
                  Effect.gen(function* () {
                    const before = yield* Ref.getAndSet(shown, next)
                    if (plainOf(before) !== plainOf(next)) yield* write(`${plainOf(next)}\n`)
                  }),
              },
        )
      }),
    )
}
