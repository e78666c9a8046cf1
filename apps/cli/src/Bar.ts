import { Clock, Effect, Stream } from "effect"
import type { NodeClient } from "./NodeClient.ts"

/** How far a step is; null: nobody knows how much there is. */
export interface Done {
  readonly doneBytes: bigint
  readonly totalBytes: bigint | null
}

const width = 30
/** A terminal is drawn on at most so often. */
const everyMillis = 100

const inMiB = (bytes: bigint) => `${(Number(bytes) / 1_048_576).toFixed(1)} MiB`

/** One line: what goes on, how far it is. */
export const line = (what: string, { doneBytes, totalBytes }: Done): string => {
  if (totalBytes === null) return `${what} ${inMiB(doneBytes)}`
  const part = totalBytes === 0n ? 1 : Math.min(1, Number(doneBytes) / Number(totalBytes))
  const filled = Math.floor(part * width)
  return `${what} [${"=".repeat(filled)}${" ".repeat(width - filled)}] ${Math.floor(part * 100)}% of ${inMiB(totalBytes)}`
}

const write = (text: string) => Effect.sync(() => process.stderr.write(text))

/** Where a line is drawn anew and anew, and wiped at last; on standard error, if that is a terminal, otherwise nowhere. */
export const makeBar = Effect.fnUntraced(function* (what: string) {
  const isShown = process.stderr.isTTY === true
  let drawnMillis = 0
  if (isShown) yield* Effect.addFinalizer(() => write("\r\u001b[K"))
  return {
    isShown,
    draw: Effect.fnUntraced(function* (done: Done) {
      const now = yield* Clock.currentTimeMillis
      if (!isShown || now - drawnMillis < everyMillis) return
      drawnMillis = now
      yield* write(`\r\u001b[K${line(what, done)}`)
    }),
  }
})

/** The same bytes, counted on a bar. */
export const counted = <E, R>(
  { draw }: Effect.Success<ReturnType<typeof makeBar>>,
  totalBytes: bigint | null,
  bytes: Stream.Stream<Uint8Array, E, R>,
) => {
  let doneBytes = 0n
  return Stream.tap(bytes, (chunk) => {
    doneBytes += BigInt(chunk.length)
    return draw({ doneBytes, totalBytes })
  })
}

/** Shows how far the node is with a step on a dataset while a call to it goes on. A node that does not tell is no reason to fail. */
export const shown = <A, E, R>(
  what: string,
  node: NodeClient["Service"],
  subject: string,
  call: Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const bar = yield* makeBar(what)
    if (bar.isShown)
      yield* Stream.unwrap(node.progress({ query: { subject } })).pipe(
        Stream.runForEach(bar.draw),
        Effect.ignore,
        Effect.forkScoped,
      )
    return yield* call
  }).pipe(Effect.scoped)
