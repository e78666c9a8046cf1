const withinOf = (cause: unknown): ReadonlyArray<unknown> => {
  if (!(cause instanceof Error)) return []
  const errors: ReadonlyArray<unknown> = cause instanceof AggregateError ? cause.errors : []
  return cause.cause === undefined ? errors : [cause.cause, ...errors]
}

/** An error, then what it was caused by or made of, outside first; errors may go round in circles. */
export const causesOf = (cause: unknown): ReadonlyArray<unknown> => {
  const seen = new Set<unknown>([cause])
  for (const each of seen) for (const within of withinOf(each)) seen.add(within)
  return Array.from(seen)
}

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message || cause.name : String(cause))

/** What went wrong at the bottom, in one line that ends without a stop: libraries put whole stacks into messages. */
export const reasonOf = (cause: unknown): string => {
  const seen = new Set<unknown>()
  let innermost = cause
  while (!seen.has(innermost)) {
    seen.add(innermost)
    const within = withinOf(innermost)
    if (within.length > 0) innermost = within[0]
  }
  const [line = ""] = textOf(innermost)
    .trim()
    .split(/\s*[\r\n]/)
  return line.replace(/\.$/, "")
}
