import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { example, libraries, manifest, names, once, project, run, start, tsconfig, typecheck } from "./Tarballs.ts"

// A devnet is not published, so that the example of contracts is not for strangers.
const shown = libraries.filter((name) => name !== "@pecia/contracts")

const folder = once(() =>
  project(names, ["effect", "@types/node"], {
    "tsconfig.json": tsconfig(true),
    ...Object.fromEntries(shown.map((name) => [name.replace("@pecia/", "").concat(".ts"), example(name)])),
    "main.js": `
      import { readArtifact } from "@pecia/contracts"
      import { Effect } from "effect"
      const empty = []
      for (const name of ${JSON.stringify(libraries)}) if (Object.keys(await import(name)).length === 0) empty.push(name)
      const { abi, bytecode } = await Effect.runPromise(readArtifact("Marketplace"))
      console.log(empty.length, abi.length > 20, bytecode.length > 10_000)`,
  }),
)

describe("an empty project that installs everything", () => {
  it("imports every library, and reads the artifacts of the contracts", () => {
    assert.strictEqual(run("node", ["main.js"], folder()), "0 true true\n")
  })

  it("type-checks what the READMEs show", () => {
    typecheck(folder())
  })

  it.each(Object.entries({ pecia: "@pecia/cli", peciad: "@pecia/node" }))(
    "%s says its version and its help",
    (command, name) => {
      const bin = (argument: string) => run(`node_modules/.bin/${command}`, [argument], folder())
      assert.include(bin("--version"), manifest(name).version)
      assert.match(bin("--help"), new RegExp(`USAGE\\s+${command} `))
    },
  )

  it("a node keeps a file across its restart for those who ask it", async () => {
    const [file, copy] = [join(folder(), "file"), join(folder(), "copy")]
    writeFileSync(file, new Uint8Array(200_000).fill(7))
    const withNode = async (use: (pecia: (...args: ReadonlyArray<string>) => string) => void) => {
      const flags = ["--roles=none", "--api-port=0", "--listen=/ip4/127.0.0.1/tcp/0", "--data-dir=data"]
      const node = start("node_modules/.bin/peciad", flags, folder())
      try {
        const { api } = JSON.parse(await node.firstLine)
        use((...args) => run("node_modules/.bin/pecia", [...args, "--api", api], folder()).trim())
      } finally {
        await node.stop()
      }
    }
    let cid = ""
    await withNode((pecia) => {
      cid = pecia("upload", file)
    })
    await withNode((pecia) => pecia("download", cid, "--output", copy))
    assert.isTrue(readFileSync(copy).equals(readFileSync(file)))
  })
})
