/** Any value as one line of text; equal values give equal texts. */
export const show = (value: unknown): string => JSON.stringify(value, plain)

const plain = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}`
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
