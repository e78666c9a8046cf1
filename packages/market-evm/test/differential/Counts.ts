/** How often each thing came. */
export class Counts {
  readonly #counts = new Map<string, number>()

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  /** What never came of that which was expected. */
  missing(expected: ReadonlyArray<string>): ReadonlyArray<string> {
    return expected.filter((what) => !this.#counts.has(what))
  }

  /** One line for each thing that came, with how often it did. */
  get lines(): ReadonlyArray<string> {
    return Array.from(this.#counts, ([what, count]) => `${String(count).padStart(7)} ${what}`).toSorted((a, b) =>
      a.slice(8).localeCompare(b.slice(8)),
    )
  }
}

/** Each call with each of its outcomes. */
export const outcomesOf = (outcomes: Readonly<Record<string, ReadonlyArray<string>>>): ReadonlyArray<string> =>
  Object.entries(outcomes).flatMap(([call, kinds]) => ["ok", ...kinds].map((kind) => `${call} ${kind}`))
