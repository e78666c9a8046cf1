import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Effect, Predicate, Result } from "effect"
import { type Cid, parseCid } from "../Block.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { SpaceExhausted } from "../SpaceError.ts"
import type { Medium, StoredVolume } from "./medium.ts"

const suffix = ".block"
/** No volume has a name that begins with a dot: `folderName` sees to it. */
const temporary = ".tmp"
/** Files that are looked at side by side when a store opens. */
const scanConcurrency = 16

/** Letters, digits, `-` and `_` stand for themselves, all else is written as %xx: no separator, no dot, one name for each folder. */
export const folderName = (volume: string): string =>
  volume === ""
    ? "%"
    : Array.from(Buffer.from(volume, "utf8"), (byte) => {
        const character = String.fromCharCode(byte)
        return /[A-Za-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`
      }).join("")

export const volumeName = (folder: string): string =>
  folder === "%"
    ? ""
    : Buffer.from(
        folder.replaceAll(/%([0-9a-f]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16))),
        "latin1",
      ).toString("utf8")

const codeOf = (cause: unknown): unknown => (Predicate.hasProperty(cause, "code") ? cause.code : undefined)

const attempt = <A>(operation: string, f: () => Promise<A>) =>
  Effect.tryPromise({ try: f, catch: (cause) => new BlockStoreError({ operation, cause }) })

const isMissing = (error: BlockStoreError) => codeOf(error.cause) === "ENOENT"

/** The file system's own word for "full". */
const asSpaceExhausted = (volume: string) => (error: BlockStoreError) =>
  codeOf(error.cause) === "ENOSPC" || codeOf(error.cause) === "EDQUOT"
    ? new SpaceExhausted({
        volume,
        detail: "The disk is full, although the quota is not. Make room on the disk, or lower the quota.",
      })
    : error

const syncFolder = async (folder: string) => {
  const handle = await fs.open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** One file per block: `<directory>/<volume>/<cid>.block`. A temporary file, fdatasync, rename, fsync of the folder. */
export const make = (directory: string): Medium => {
  const folderOf = (volume: string) => path.join(directory, folderName(volume))
  const fileOf = (volume: string, cid: Cid) => path.join(folderOf(volume), `${cid}${suffix}`)
  const temporaryFolder = path.join(directory, temporary)
  let written = 0

  const writeFile = async (volume: string, cid: Cid, bytes: Uint8Array) => {
    const folder = folderOf(volume)
    if ((await fs.mkdir(folder, { recursive: true })) !== undefined) await syncFolder(directory)
    const draft = path.join(temporaryFolder, String(written++))
    try {
      const handle = await fs.open(draft, "wx")
      try {
        await handle.writeFile(bytes)
        await handle.datasync()
      } finally {
        await handle.close()
      }
      await fs.rename(draft, fileOf(volume, cid))
      await syncFolder(folder)
    } catch (cause) {
      await fs.rm(draft, { force: true })
      throw cause
    }
  }

  const scanVolume = Effect.fnUntraced(function* (folder: string) {
    const names = yield* attempt("open", () => fs.readdir(path.join(directory, folder)))
    const blocks = yield* Effect.forEach(
      names.flatMap((name) =>
        name.endsWith(suffix)
          ? Result.getSuccess(parseCid(name.slice(0, -suffix.length))).pipe((o) => (o._tag === "Some" ? [o.value] : []))
          : [],
      ),
      (cid) =>
        attempt("open", () => fs.stat(path.join(directory, folder, `${cid}${suffix}`))).pipe(
          Effect.map((stat) => ({ cid, sizeBytes: stat.size })),
        ),
      { concurrency: scanConcurrency },
    )
    return { name: volumeName(folder), blocks } satisfies StoredVolume
  })

  return {
    open: Effect.gen(function* () {
      yield* attempt("open", () => fs.rm(temporaryFolder, { recursive: true, force: true }))
      yield* attempt("open", () => fs.mkdir(temporaryFolder, { recursive: true }))
      const entries = yield* attempt("open", () => fs.readdir(directory, { withFileTypes: true }))
      const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== temporary)
      return yield* Effect.forEach(folders, (folder) => scanVolume(folder.name))
    }),
    write: (volume, cid, bytes) =>
      attempt("write", () => writeFile(volume, cid, bytes)).pipe(Effect.mapError(asSpaceExhausted(volume))),
    read: (volume, cid) =>
      attempt("read", (): Promise<Uint8Array | undefined> => fs.readFile(fileOf(volume, cid))).pipe(
        Effect.catchIf(isMissing, () => Effect.undefined),
      ),
    erase: (volume, cid) => attempt("erase", () => fs.rm(fileOf(volume, cid), { force: true })),
    drop: (volume) => attempt("drop", () => fs.rm(folderOf(volume), { recursive: true, force: true })),
    rename: (from, to) =>
      attempt("rename", async () => {
        await fs.rename(folderOf(from), folderOf(to))
        await syncFolder(directory)
      }),
  }
}
