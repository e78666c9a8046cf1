/** Bytes that look random and are the same in each run. */
export const bytesOf = (sizeBytes: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(sizeBytes)
  let state = seed * 2_654_435_761
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}
