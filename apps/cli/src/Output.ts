import { Console, Effect } from "effect"
import { pecia } from "./root.ts"

/** JSON as clients of the REST interface know it: bigints as decimal strings. */
export const toJson = (value: unknown) =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item), 2)

/** Prints `value` as JSON when asked to, otherwise the lines for people. */
export const print = Effect.fnUntraced(function* (value: unknown, lines: ReadonlyArray<string>) {
  const { json } = yield* pecia
  yield* Console.log(json ? toJson(value) : lines.join("\n"))
})

/** Columns that line up. */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  return [line(header), ...rows.map(line)]
}
