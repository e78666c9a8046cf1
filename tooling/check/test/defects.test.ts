import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const urlOf = (path: string) => new URL(`../../../${path}`, import.meta.url)
const page = readFileSync(urlOf("docs/decisions/seed-defects.md"), "utf8")

/** The parts of the page: a defect with its number, and the tests that are named for it. */
const defects = page
  .split(/^(?=\d+\. )/m)
  .slice(1)
  .map((text) => ({
    number: Number.parseInt(text, 10),
    tests: [...text.matchAll(/^ +- `([^`]+)`: "(.+)"$/gm)].map(([, file = "", name = ""]) => ({ file, name })),
    lines: text.split("\n").filter((line) => /^ +- /.test(line)).length,
  }))

const verbatim = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Matches the titles of the tests in a source: what comes first in a call. What a template puts into a title can be anything. */
const titlesIn = (source: string): ReadonlyArray<RegExp> =>
  [...source.matchAll(/\(\s*(?:"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)/g)].map(([, text, template = ""]) => {
    const parts = text === undefined ? template.split(/\$\{[^}]*\}/) : [text]
    return parts.join("").length < 10 && parts.length > 1 ? /^$/ : new RegExp(`^${parts.map(verbatim).join(".+")}$`)
  })

describe("docs/decisions/seed-defects.md", () => {
  it("has the 25 defects in order, each with a test", () => {
    assert.deepStrictEqual(
      defects.map(({ number }) => number),
      Array.from({ length: 25 }, (_, i) => i + 1),
    )
    for (const { lines, number, tests } of defects) {
      assert.isNotEmpty(tests, `defect ${number}`)
      assert.lengthOf(tests, lines, `a test of defect ${number} is not written as \`file\`: "name"`)
    }
  })

  it.each(defects.flatMap(({ number, tests }) => tests.map((test) => ({ number, ...test }))))(
    "names a test of defect $number that exists: $name",
    ({ file, name }) => {
      assert.isTrue(existsSync(urlOf(file)), `${file} does not exist`)
      const titles = titlesIn(readFileSync(urlOf(file), "utf8"))
      for (const part of name.split(" > "))
        assert.isTrue(
          titles.some((title) => title.test(part)),
          `${file} has no test "${part}"`,
        )
    },
  )
})
