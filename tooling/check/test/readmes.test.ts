import { readdirSync, readFileSync } from "node:fs"
import { assert, it } from "vitest"

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")
const folders = [
  ...readdirSync(new URL("../../../packages", import.meta.url)).map((name) => `packages/${name}`),
].concat("apps/node", "apps/cli")

it.each(folders)("the README of %s begins with the sentence of its manifest", (folder) => {
  const [, paragraph] = read(`${folder}/README.md`).split(/\n\n/)
  const { description } = JSON.parse(read(`${folder}/package.json`))
  const plain = paragraph?.replaceAll("`", "").replaceAll("\n", " ")
  assert.isTrue(
    plain === description || plain?.startsWith(`${description} `),
    `${plain} does not begin with ${description}`,
  )
})
