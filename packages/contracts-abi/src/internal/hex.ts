const digitsOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** `0x` and two lower-case digits per byte. */
export const toHex = (bytes: Uint8Array): string => {
  let hex = "0x"
  for (const byte of bytes) hex += digitsOf[byte]
  return hex
}

/** The bytes of an even number of hex digits, which the caller has checked. */
export const fromHex = (digits: string): Uint8Array => {
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** A stranger's text, cut to what fits in a message. */
export const excerpt = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)
