/** What is larger is not kept. */
const keptSizeBytesMax = 16_777_216

/**
 * Rooms that are used again. Memory that is new costs as much as coding what is put into it, since the system has to find each page of it.
 * There are never more than calls were computed at the same time.
 */
export interface Rooms {
  /** At least that large. */
  readonly take: (sizeBytes: number) => ArrayBuffer
  readonly giveBack: (room: ArrayBuffer) => void
}

export const make = (): Rooms => {
  const kept: Array<ArrayBuffer> = []
  return {
    take: (sizeBytes) => {
      const room = kept.pop()
      return room !== undefined && room.byteLength >= sizeBytes ? room : new ArrayBuffer(sizeBytes)
    },
    giveBack: (room) => {
      if (room.byteLength <= keptSizeBytesMax) kept.push(room)
    },
  }
}
