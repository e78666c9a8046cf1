import { spawn, spawnSync } from "node:child_process"
import { once as event } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, assert } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "pecia-packing-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

// The Node that runs the tests, not the one of the machine.
// What programs print is read, so they must not colour it, as CI would have them do.
const { FORCE_COLOR: _, ...plain } = process.env
const env = { ...plain, NO_COLOR: "1", PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

/** What a command says on stdout; it fails with all that was said. */
export const run = (command: string, args: ReadonlyArray<string>, cwd: string): string => {
  const { error, status, stderr, stdout } = spawnSync(command, args, { cwd, env, encoding: "utf8" })
  assert.strictEqual(status, 0, `${command} ${args.join(" ")}\n${error ?? ""}${stdout}${stderr}`)
  return stdout
}

/** Starts a command that goes on until it is stopped. */
export const start = (command: string, args: ReadonlyArray<string>, cwd: string) => {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = event(child, "close")
  return {
    firstLine: Promise.race([
      event(createInterface(child.stdout), "line").then(([line]) => String(line)),
      ended.then(([code]) => assert.fail(`${command} ended with ${code} before it said a line`)),
    ]),
    stop: async () => {
      child.kill()
      await ended
    },
  }
}

/** Makes something when it is first asked for, so that a failure is that of a test. */
export const once = <A>(make: () => A): (() => A) => {
  let made: A | undefined
  return () => {
    made ??= make()
    return made
  }
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license?: string
  readonly engines?: Record<string, string>
  readonly files: ReadonlyArray<string>
  readonly exports: Record<string, string | null | Record<string, string>>
  readonly bin?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

const folders = [...readdirSync(join(root, "packages")).map((name) => `packages/${name}`), "apps/node", "apps/cli"]
const inWorkspace = folders.map(
  (folder): Manifest => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
)

/** The names of everything that is published, and of the part of it that can be imported. */
export const names = inWorkspace.map(({ name }) => name)
export const libraries = inWorkspace.filter((manifest) => "." in manifest.exports).map(({ name }) => name)

const tarballs = once(() => {
  const filters = names.flatMap((name) => ["--filter", name])
  run("pnpm", ["--recursive", ...filters, "pack", "--pack-destination", directory], root)
  const packed = readdirSync(directory).filter((file) => file.endsWith(".tgz"))
  return new Map(
    packed.map((file) => {
      const text = run("tar", ["-xOf", file, "package/package.json"], directory)
      const manifest: Manifest = JSON.parse(text)
      return [manifest.name, { file: join(directory, file), manifest, text }]
    }),
  )
})
const packed = (name: string) => tarballs().get(name) ?? assert.fail(`${name} was not packed`)

export const manifest = (name: string): Manifest => packed(name).manifest
export const manifestText = (name: string): string => packed(name).text
export const files = (name: string): ReadonlyArray<string> =>
  run("tar", ["-tf", packed(name).file], directory)
    .trim()
    .replaceAll("package/", "")
    .split("\n")
export const read = (name: string, file: string): string =>
  run("tar", ["-xOf", packed(name).file, `package/${file}`], directory)

/** The first example of a packed README. */
export const example = (name: string): string =>
  /```ts\n(.*?)```/s.exec(read(name, "README.md"))?.[1] ?? assert.fail(`The README of ${name} has no example.`)

/** A new project that depends on tarballs and on `others`, in the versions that the packages are developed with. */
export const project = (
  packages: ReadonlyArray<string>,
  others: ReadonlyArray<string>,
  contents: Record<string, string>,
): string => {
  const folder = join(directory, "project")
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  const own = Object.fromEntries(packages.map((name) => [name, `file:${packed(name).file}`]))
  const developed = manifest("@pecia/clock").devDependencies
  const dependencies = { ...own, ...Object.fromEntries(others.map((name) => [name, developed?.[name]])) }
  mkdirSync(folder)
  write("package.json", JSON.stringify({ name: "stranger", private: true, type: "module", dependencies }))
  // The packages find each other in a registry only when they are published.
  write("pnpm-workspace.yaml", JSON.stringify({ packages: [], overrides: own, pmOnFail: "ignore" }))
  for (const [file, text] of Object.entries(contents)) write(file, text)
  run("pnpm", ["install", "--prefer-offline", "--ignore-scripts"], folder)
  return folder
}

/** Strict options of the compiler, and none of this workspace. */
export const tsconfig = (skipLibCheck: boolean): string =>
  JSON.stringify({
    compilerOptions: {
      target: "ES2024",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck,
    },
    include: ["*.ts"],
  })

/** Type-checks a project with the compiler of the workspace. */
export const typecheck = (folder: string): void => {
  run(fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url)), ["-p", "."], folder)
}
