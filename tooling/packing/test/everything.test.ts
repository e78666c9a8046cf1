import { assert, describe, it } from "vitest"
import { example, libraries, manifest, names, once, project, run, tsconfig, typecheck } from "./Tarballs.ts"

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
})
