import { posix } from "node:path"
import { assert, describe, it } from "vitest"
import { files, type Manifest, manifest, manifestText, names, read } from "./Tarballs.ts"

/** Every file that a manifest gives out. */
const filesOf = ({ bin, exports }: Manifest): ReadonlyArray<string> => {
  const exported = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target ?? {}),
  )
  return [...exported, ...Object.values(bin ?? {})].map((path) => posix.normalize(path))
}

describe.each(names)("%s", (name) => {
  it("has every file that its manifest names, its README, and the license", () => {
    const inside = files(name)
    for (const file of [...filesOf(manifest(name)), "README.md", "LICENSE"]) assert.include(inside, file)
    for (const path of manifest(name).files)
      assert.isTrue(
        inside.some((file) => file === path || file.startsWith(`${path}/`)),
        `${path} is missing`,
      )
    assert.match(read(name, "LICENSE"), /^MIT License\n/)
  })

  it("has no tests, and nothing that only the workspace understands", () => {
    const strange = /\.test\.|^(test|scripts)\/|node_modules|tsconfig|\.config\./
    assert.isEmpty(files(name).filter((file) => strange.test(file)))
    assert.notMatch(manifestText(name), /"workspace:|"catalog:|"@pecia\/source":/)
  })

  it("says what it is, its license, and on which Node it runs", () => {
    const { description, engines, license } = manifest(name)
    assert.isNotEmpty(description)
    assert.strictEqual(license, "MIT")
    assert.strictEqual(engines?.node, ">=22.19")
  })

  it("gives types before code", () => {
    for (const target of Object.values(manifest(name).exports))
      if (typeof target === "object" && target !== null)
        assert.deepStrictEqual(Object.keys(target), ["types", "default"])
  })

  it("depends on packages that are published with it, in the versions they have", () => {
    for (const [other, range] of Object.entries(manifest(name).dependencies ?? {}))
      if (other.startsWith("@pecia/")) assert.strictEqual(range.replace(/^\^/, ""), manifest(other).version, other)
  })

  it("maps its code and its types to sources that are in it", () => {
    const inside = files(name)
    for (const map of inside.filter((file) => file.endsWith(".map")))
      for (const source of JSON.parse(read(name, map)).sources)
        assert.include(inside, posix.join(posix.dirname(map), source), `${map} is old; build --force makes it anew`)
  })
})

it.each(Object.entries({ "@pecia/node": "peciad", "@pecia/cli": "pecia" }))("%s brings %s", (name, command) => {
  assert.deepStrictEqual(manifest(name).bin, { [command]: "./dist/main.js" })
  assert.match(read(name, "dist/main.js"), /^#!\/usr\/bin\/env node\n/)
})
