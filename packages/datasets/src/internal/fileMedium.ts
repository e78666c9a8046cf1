import * as fs from "node:fs/promises"
import * as path from "node:path"
import { Effect, Option, Predicate, Result } from "effect"
import { type Cid, parseCid } from "../Block.ts"
import { BlockStoreError } from "../BlockStoreError.ts"
import { SpaceExhausted } from "../SpaceError.ts"
import type { Medium, StoredVolume } from "./medium.ts"
import * as Together from "./together.ts"

const suffix = ".block"
/** No volume has a name that begins with a dot: `folderName` sees to it. */
const temporary = ".tmp"
/** In the folder of a volume that is being renamed: the name that it had. */
const formerNameFile = "former-name"
/** Files that are looked at side by side when a store opens. */
const scanConcurrency = 16
const foldersAtOnce = 4

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
/** A bad place on the disk, or a folder in the place of the file. */
const isUnreadable = (error: BlockStoreError) => codeOf(error.cause) === "EIO" || codeOf(error.cause) === "EISDIR"

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

const writeDurably = async (file: string, bytes: Uint8Array | string, flags: "w" | "wx") => {
  const handle = await fs.open(file, flags)
  try {
    await handle.writeFile(bytes)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

interface Written {
  readonly volume: string
  readonly cid: Cid
  readonly bytes: Uint8Array
}

/**
 * One file per block: `<directory>/<volume>/<cid>.block`. Written under a temporary name, fdatasync, rename, fsync of the folder. Blocks
 * that wait go through these steps side by side, and through the last one as one.
 */
export const make = (directory: string): Medium => {
  const folderOf = (volume: string) => path.join(directory, folderName(volume))
  const fileOf = (volume: string, cid: Cid) => path.join(folderOf(volume), `${cid}${suffix}`)
  const temporaryFolder = path.join(directory, temporary)
  /** Folders that are there and will be after a power cut, or are about to be. */
  const made = new Map<string, Promise<void>>()
  let temporaries = 0
  const temporaryFile = () => path.join(temporaryFolder, String(temporaries++))

  const makeFolder = (folder: string) => {
    const making = made.get(folder) ?? fs.mkdir(folder, { recursive: true }).then(() => syncFolder(directory))
    made.set(folder, making)
    return making.catch((cause) => {
      made.delete(folder)
      throw cause
    })
  }

  const placeFile = async ({ bytes, cid, volume }: Written) => {
    await makeFolder(folderOf(volume))
    const draft = temporaryFile()
    try {
      await writeDurably(draft, bytes, "wx")
      await fs.rename(draft, fileOf(volume, cid))
    } catch (cause) {
      made.delete(folderOf(volume))
      await fs.rm(draft, { force: true })
      throw cause
    }
  }

  const erase = (volume: string, cid: Cid) => attempt("erase", () => fs.rm(fileOf(volume, cid), { force: true }))

  const place = (one: Written) => Effect.result(attempt("write", () => placeFile(one)))

  const syncVolume = (volume: string) =>
    Effect.map(Effect.result(attempt("write", () => syncFolder(folderOf(volume)))), (done) => [volume, done] as const)

  const writeTogether = Together.make(
    Effect.fnUntraced(function* (asked: ReadonlyArray<Written>) {
      const written = yield* Effect.forEach(asked, (one) => Effect.map(place(one), (done) => ({ ...one, done })), {
        concurrency: "unbounded",
      })
      const touched = new Set(written.flatMap(({ done, volume }) => (Result.isSuccess(done) ? [volume] : [])))
      const synced = new Map(yield* Effect.forEach(touched, syncVolume, { concurrency: foldersAtOnce }))
      return yield* Effect.forEach(
        written,
        Effect.fnUntraced(function* ({ cid, done, volume }) {
          const durable = Result.isSuccess(done) ? (synced.get(volume) ?? done) : done
          if (Result.isSuccess(done) && Result.isFailure(durable)) yield* Effect.ignore(erase(volume, cid))
          return durable
        }),
      )
    }),
  )

  const dropFolder = async (folder: string) => {
    made.delete(folder)
    const grave = temporaryFile()
    try {
      await fs.rename(folder, grave)
    } catch {
      // Nothing there, or so full a disk that nothing can be renamed.
      return fs.rm(folder, { recursive: true, force: true })
    }
    try {
      await fs.rm(grave, { recursive: true, force: true })
    } catch (cause) {
      await fs.rename(grave, folder)
      throw cause
    }
  }

  const renameFolder = async (from: string, to: string) => {
    const formerName = path.join(folderOf(from), formerNameFile)
    made.delete(folderOf(from))
    try {
      await writeDurably(formerName, from, "w")
      await syncFolder(folderOf(from))
      await fs.rename(folderOf(from), folderOf(to))
      await syncFolder(directory)
    } catch (cause) {
      // If it went that far. Should this fail as well, the next start finishes it.
      await fs.rename(folderOf(to), folderOf(from)).catch(() => undefined)
      await fs.rm(formerName, { force: true })
      throw cause
    }
  }

  const openFolders = async () => {
    await fs.rm(temporaryFolder, { recursive: true, force: true })
    const first = await fs.mkdir(temporaryFolder, { recursive: true })
    if (first !== undefined) await syncFolder(path.dirname(first))
    const entries = await fs.readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() && entry.name !== temporary ? [entry.name] : []))
  }

  const scanVolume = Effect.fnUntraced(function* (folder: string) {
    const names = yield* attempt("open", () => fs.readdir(path.join(directory, folder)))
    const cids = names.flatMap((name) =>
      name.endsWith(suffix) ? Option.toArray(Result.getSuccess(parseCid(name.slice(0, -suffix.length)))) : [],
    )
    const blocks = yield* Effect.forEach(
      cids,
      (cid) =>
        attempt("open", () => fs.stat(path.join(directory, folder, `${cid}${suffix}`))).pipe(
          Effect.map((stat) => ({ cid, sizeBytes: stat.size })),
        ),
      { concurrency: scanConcurrency },
    )
    const name = volumeName(folder)
    if (!names.includes(formerNameFile)) return { name, blocks } satisfies StoredVolume
    const formerName = yield* attempt("open", () => fs.readFile(path.join(directory, folder, formerNameFile), "utf8"))
    return { name, formerName, blocks } satisfies StoredVolume
  })

  return {
    open: Effect.flatMap(attempt("open", openFolders), (folders) => Effect.forEach(folders, scanVolume)),
    write: (volume, cid, bytes) =>
      writeTogether({ volume, cid, bytes }).pipe(
        Effect.flatMap(Effect.fromResult),
        Effect.mapError(asSpaceExhausted(volume)),
      ),
    read: (volume, cid) =>
      attempt("read", (): Promise<Uint8Array> => fs.readFile(fileOf(volume, cid))).pipe(
        Effect.catchIf(isMissing, () => Effect.succeed("missing" as const)),
        Effect.catchIf(isUnreadable, () => Effect.succeed("unreadable" as const)),
      ),
    erase,
    drop: (volume) => attempt("drop", () => dropFolder(folderOf(volume))),
    rename: (from, to) => attempt("rename", () => renameFolder(from, to)),
    renamed: (to) => attempt("rename", () => fs.rm(path.join(folderOf(to), formerNameFile), { force: true })),
  }
}
