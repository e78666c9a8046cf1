// The code as the README defines it, from nothing: slow, and short enough to be read.

type Matrix = ReadonlyArray<ReadonlyArray<number>>

/** The product of two elements of GF(2^8), polynomials over GF(2) modulo x^8 + x^4 + x^3 + x^2 + 1. */
const times = (a: number, b: number): number => {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = product & 0x80 ? (product << 1) ^ 0x11d : product << 1
    if ((b >> bit) & 1) product ^= a
  }
  return product
}

const power = (a: number, n: number): number => (n === 0 ? 1 : times(a, power(a, n - 1)))
/** The multiplicative group has 255 elements. */
const inverse = (a: number): number => power(a, 254)

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, i) => sum ^ times(x, b[i]?.[j] ?? 0), 0)))

/** Gauss and Jordan, with the identity at the right. */
const inverted = (a: Matrix): Matrix => {
  const n = a.length
  const rows = a.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < n; column++) {
    const found = rows.findIndex((row, i) => i >= column && row[column] !== 0)
    const [pivot = []] = rows.splice(found, 1)
    const one = pivot.map((x) => times(x, inverse(pivot[column] ?? 0)))
    rows.forEach((row, i) => {
      rows[i] = row.map((x, j) => x ^ times(row[column] ?? 0, one[j] ?? 0))
    })
    rows.splice(column, 0, one)
  }
  return rows.map((row) => row.slice(n))
}

/** Row i, multiplied with the data, is shard i: of the rows i^0, i^1, ... i^(k - 1), what makes the upper k the identity. */
export const generator = (k: number, shards: number): Matrix => {
  const vandermonde = Array.from({ length: shards }, (_, i) => Array.from({ length: k }, (_, j) => power(i, j)))
  return product(vandermonde, inverted(vandermonde.slice(0, k)))
}

const rowsOf = (shards: ReadonlyArray<Uint8Array>): Matrix => shards.map((shard) => [...shard])

export const parityOf = (data: ReadonlyArray<Uint8Array>, m: number): ReadonlyArray<Uint8Array> =>
  product(generator(data.length, data.length + m).slice(data.length), rowsOf(data)).map((row) => Uint8Array.from(row))

/** The data, from k shards of the given indices. */
export const dataOf = (
  known: ReadonlyArray<readonly [index: number, shard: Uint8Array]>,
): ReadonlyArray<Uint8Array> => {
  const k = known.length
  const rows = known.map(([index]) => generator(k, Math.max(k, index + 1))[index] ?? [])
  return product(inverted(rows), rowsOf(known.map(([, shard]) => shard))).map((row) => Uint8Array.from(row))
}
