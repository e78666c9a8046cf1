import { Option } from "effect"
import type { AbiProblem } from "../AbiError.ts"
import { padded } from "./AbiWriter.ts"

const word = 32

/**
 * Reads ABI words one after the other. The first thing that is wrong sticks in `problem`; whatever is read after it is zero.
 * Allocates no more than the bytes that are there, whatever lengths they claim.
 */
export class AbiReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  problem: Option.Option<{ readonly problem: AbiProblem; readonly field: string }> = Option.none()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #refuse(problem: AbiProblem, field: string) {
    if (Option.isNone(this.problem)) this.problem = Option.some({ problem, field })
  }

  #take(length: number, field: string): Uint8Array {
    if (Option.isSome(this.problem) || length > this.#bytes.length - this.#at) {
      this.#refuse("Truncated", field)
      return new Uint8Array(0)
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  uint(field: string, bits = 256): bigint {
    const at = this.#at
    if (this.#take(word, field).length === 0) return 0n
    let value = 0n
    for (let i = 0; i < 4; i++) value = (value << 64n) | this.#view.getBigUint64(at + 8 * i)
    if (value >> BigInt(bits) === 0n) return value
    this.#refuse("OutOfRange", field)
    return 0n
  }

  /** `0x` and the digits of an address (160 bits) or a bytes32. */
  hex(field: string, bits = 256): string {
    return `0x${this.uint(field, bits)
      .toString(16)
      .padStart(bits / 4, "0")}`
  }

  get at(): number {
    return this.#at
  }

  /** A number that is right in just one way. */
  same(actual: bigint, expected: number, field: string): void {
    if (actual !== BigInt(expected)) this.#refuse("NotCanonical", field)
  }

  offset(expected: number, field: string): void {
    this.same(this.uint(field), expected, field)
  }

  dynamic(field: string): Uint8Array {
    const length = this.uint(field)
    if (length > BigInt(this.#bytes.length)) this.#refuse("Truncated", field)
    if (Option.isSome(this.problem)) return new Uint8Array(0)
    const value = this.#take(Number(length), field).slice()
    if (this.#take(padded(value.length) - value.length, field).some((byte) => byte !== 0))
      this.#refuse("NotCanonical", field)
    return value
  }

  text(field: string): string {
    const bytes = this.dynamic(field)
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      this.#refuse("NotUtf8", field)
      return ""
    }
  }

  end(): void {
    if (this.#at < this.#bytes.length) this.#refuse("Oversized", "")
  }
}
