import { Effect } from "effect"
import { SpaceExhausted } from "../SpaceError.ts"

interface Volume {
  heldBytes: bigint
  writtenBytes: bigint
  metadataBytes: bigint
}

export const make = (quotaBytes: bigint, metadataQuotaBytes: bigint) => {
  const volumes = new Map<string, Volume>()
  /** In the order in which they were let go of. */
  const cached = new Set<string>()

  const volumeOf = (name: string): Volume => {
    const volume = volumes.get(name) ?? { heldBytes: 0n, writtenBytes: 0n, metadataBytes: 0n }
    volumes.set(name, volume)
    return volume
  }

  const sum = (bytesOf: (volume: Volume) => bigint) =>
    Array.from(volumes.values()).reduce((total, volume) => total + bytesOf(volume), 0n)

  const exhausted = (volume: string, detail: string) => Effect.fail(new SpaceExhausted({ volume, detail }))

  return {
    hold: (name: string, bytes: bigint) =>
      Effect.suspend(() => {
        const leftBytes = quotaBytes - sum((volume) => volume.heldBytes + volume.writtenBytes)
        if (bytes > leftBytes) {
          return exhausted(name, `${bytes} bytes do not fit: ${leftBytes} bytes of the quota are left.`)
        }
        volumeOf(name).heldBytes += bytes
        return Effect.void
      }),
    write: (name: string, bytes: bigint) =>
      Effect.suspend(() => {
        const heldBytes = volumes.get(name)?.heldBytes ?? 0n
        if (bytes > heldBytes) {
          return exhausted(name, `Only ${heldBytes} bytes are held for ${name}; ${bytes} cannot be written.`)
        }
        const volume = volumeOf(name)
        volume.heldBytes -= bytes
        volume.writtenBytes += bytes
        return Effect.void
      }),
    writeMetadata: (name: string, bytes: bigint) =>
      Effect.suspend(() => {
        const leftBytes = metadataQuotaBytes - sum((volume) => volume.metadataBytes)
        if (bytes > leftBytes) {
          return exhausted(
            name,
            `${bytes} bytes of metadata do not fit: ${leftBytes} bytes of their allowance are left.`,
          )
        }
        volumeOf(name).metadataBytes += bytes
        return Effect.void
      }),
    trim: (name: string) =>
      Effect.sync(() => {
        const volume = volumes.get(name)
        if (volume !== undefined) volume.heldBytes = 0n
      }),
    cache: (name: string) =>
      Effect.sync(() => {
        cached.delete(name)
        if (volumes.has(name)) cached.add(name)
      }),
    keep: (name: string) => Effect.sync(() => void cached.delete(name)),
    cached: Effect.sync(() => Array.from(cached)),
    rename: (from: string, to: string) =>
      Effect.sync(() => {
        const volume = volumes.get(from)
        if (volume === undefined || from === to) return
        volumes.delete(from)
        volumes.set(to, volume)
        cached.delete(to)
        if (cached.delete(from)) cached.add(to)
      }),
    giveBack: (name: string) =>
      Effect.sync(() => {
        volumes.delete(name)
        cached.delete(name)
      }),
    volumes: Effect.sync(() => Array.from(volumes.keys())),
    settle: (name: string, found: { readonly dataBytes: bigint; readonly metadataBytes: bigint }) =>
      Effect.sync(() => {
        const volume = volumes.get(name)
        if (volume === undefined) return
        // What was written but not booked comes out of what is held.
        const moreBytes = found.dataBytes - volume.writtenBytes
        const heldBytes = moreBytes > 0n ? volume.heldBytes - moreBytes : volume.heldBytes
        volume.heldBytes = heldBytes > 0n ? heldBytes : 0n
        volume.writtenBytes = found.dataBytes
        volume.metadataBytes = found.metadataBytes
      }),
  }
}
