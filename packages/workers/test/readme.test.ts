import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, it } from "vitest"

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

it("the README's example is the one that is compiled here, and it runs", async () => {
  const fence = /```ts\n([\s\S]*?)```/.exec(await readFile(path("../README.md"), "utf8"))?.[1]
  assert.strictEqual(fence, await readFile(path("readme-example.ts"), "utf8"))
  const args = ["--conditions=@pecia/source", path("readme-example.ts")]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.strictEqual(stdout, "[ 1000, 2000, 3000 ]\n")
})
