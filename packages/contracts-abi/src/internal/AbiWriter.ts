const word = 32

/** The bytes that a value of dynamic type takes after its length, rounded up to whole words. */
export const padded = (length: number): number => Math.ceil(length / word) * word

/** Writes ABI words one after the other into a buffer of exactly the right size. */
export class AbiWriter {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** A number that is no uint256 is a defect. */
  uint(value: bigint): this {
    if (value < 0n || value >> 256n !== 0n) throw new RangeError(`${value} is not a uint256`)
    for (let shift = 192n, i = 0; i < 4; i++, shift -= 64n) {
      this.#view.setBigUint64(this.#at + 8 * i, value >> shift)
    }
    this.#at += word
    return this
  }

  /** Where, from the head's start, a member of dynamic type stands. */
  offset(bytes: number): this {
    return this.uint(BigInt(bytes))
  }

  /** An address or a bytes32, which the types keep in range: `0x` and hex digits, as one number. */
  hex(value: string): this {
    return this.uint(BigInt(value))
  }

  /** A `bytes` or `string`: its length, then itself, filled up with zeros. */
  dynamic(value: Uint8Array): this {
    this.uint(BigInt(value.length))
    this.bytes.set(value, this.#at)
    this.#at += padded(value.length)
    return this
  }
}
