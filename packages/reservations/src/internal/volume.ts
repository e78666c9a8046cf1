/** What the members of the ledger do to one volume. */
import { Result } from "effect"
import { NotHeld, OverQuota } from "../ReservationsError.ts"
import { Volume } from "../Volume.ts"

/** A volume as the ledger keeps it. What a slot's volume holds and has written came from an availability. */
export interface Entry {
  readonly volume: Volume
  readonly isSlot: boolean
  readonly isCached: boolean
}

export const empty = (name: string): Volume => new Volume({ name, heldBytes: 0n, writtenBytes: 0n, metadataBytes: 0n })

export const hasData = (volume: Volume): boolean => volume.heldBytes !== 0n || volume.writtenBytes !== 0n

/** Whether the ledger need not know it any more. */
export const isEmpty = ({ isCached, isSlot, volume }: Entry): boolean =>
  !isSlot && !isCached && !hasData(volume) && volume.metadataBytes === 0n

/** `leftBytes` of the quota. A slot holds its bytes already: they only have to suffice. */
export const hold = (
  { volume, isSlot }: Entry,
  askedBytes: bigint,
  leftBytes: bigint,
): Result.Result<Volume, OverQuota> => {
  const left = isSlot ? volume.heldBytes : leftBytes
  if (askedBytes > left) return Result.fail(new OverQuota({ askedBytes, leftBytes: left }))
  return Result.succeed(isSlot ? volume : new Volume({ ...volume, heldBytes: volume.heldBytes + askedBytes }))
}

export const write = ({ volume }: Entry, askedBytes: bigint): Result.Result<Volume, NotHeld> => {
  const { name, heldBytes, writtenBytes } = volume
  if (askedBytes > heldBytes) return Result.fail(new NotHeld({ volume: name, askedBytes, heldBytes }))
  const moved = { heldBytes: heldBytes - askedBytes, writtenBytes: writtenBytes + askedBytes }
  return Result.succeed(new Volume({ ...volume, ...moved }))
}

/** `leftBytes` of the quota for metadata. */
export const writeMetadata = (
  { volume }: Entry,
  askedBytes: bigint,
  leftBytes: bigint,
): Result.Result<Volume, OverQuota> =>
  askedBytes > leftBytes
    ? Result.fail(new OverQuota({ askedBytes, leftBytes }))
    : Result.succeed(new Volume({ ...volume, metadataBytes: volume.metadataBytes + askedBytes }))

export const trim = ({ volume, isSlot }: Entry): Volume => (isSlot ? volume : new Volume({ ...volume, heldBytes: 0n }))

/** The contract keeps a slot; to let go of one is a mistake of the program. */
export const cache = (entry: Entry): Result.Result<Entry, RangeError> =>
  entry.isSlot
    ? Result.fail(new RangeError(`slot ${entry.volume.name} cannot be let go of`))
    : Result.succeed({ ...entry, isCached: !isEmpty(entry) })

/** Slots go by their id for as long as they last; to rename one is a mistake of the program. */
export const rename = (from: Entry, to: Entry): Result.Result<Entry, RangeError> => {
  const slot = [from, to].find(({ isSlot }) => isSlot)
  if (slot !== undefined) return Result.fail(new RangeError(`slot ${slot.volume.name} cannot be renamed or replaced`))
  const volume = new Volume({
    name: to.volume.name,
    heldBytes: from.volume.heldBytes + to.volume.heldBytes,
    writtenBytes: from.volume.writtenBytes + to.volume.writtenBytes,
    metadataBytes: from.volume.metadataBytes + to.volume.metadataBytes,
  })
  const there = [from, to].filter((entry) => !isEmpty(entry))
  const isCached = there.length > 0 && there.every((entry) => entry.isCached)
  return Result.succeed({ volume, isSlot: false, isCached })
}

/** What was counted on disk. */
export interface Found {
  readonly dataBytes: bigint
  readonly metadataBytes: bigint
}

/** Bytes found beyond what was booked come out of what is held; missing ones are held again for a slot, and free otherwise. */
export const settle = ({ volume, isSlot }: Entry, found: Found): Result.Result<Volume, NotHeld> => {
  const { name, heldBytes, writtenBytes } = volume
  const moreBytes = found.dataBytes - writtenBytes
  if (moreBytes > heldBytes) {
    return Result.fail(new NotHeld({ volume: name, askedBytes: found.dataBytes, heldBytes: heldBytes + writtenBytes }))
  }
  return Result.succeed(
    new Volume({
      name,
      heldBytes: isSlot || moreBytes > 0n ? heldBytes - moreBytes : heldBytes,
      writtenBytes: found.dataBytes,
      metadataBytes: found.metadataBytes,
    }),
  )
}
