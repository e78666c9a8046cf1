import { Result, Schema } from "effect"
import { keccak256 } from "ethers"
import { excerpt } from "./internal/hex.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{40}$/)), Schema.brand("Address"))

/** A text is no address, or one with a typing error in it. */
export class MalformedAddress extends Schema.TaggedError<MalformedAddress>()("MalformedAddress", {
  text: Schema.String,
  problem: Schema.Literals(["Shape", "Checksum"]),
}) {
  override get message() {
    return this.problem === "Shape"
      ? `${excerpt(this.text)} is not an address: it takes 0x and 40 hex digits.`
      : `${excerpt(this.text)} has a typing error: its upper and lower case do not fit its digits (EIP-55). Copy the address again.`
  }
}

/** The mixed-case spelling of EIP-55, which lets typing errors be noticed. */
const checksummed = (address: Address): string => {
  const hash = keccak256(new TextEncoder().encode(address.slice(2)))
  return address.replace(/[a-f]/g, (digit, at: number) => ((hash[at] ?? "0") >= "8" ? digit.toUpperCase() : digit))
}

const from = (text: string): Result.Result<Address, MalformedAddress> => {
  if (!/^0x[0-9a-f]{40}$/i.test(text)) return Result.fail(new MalformedAddress({ text, problem: "Shape" }))
  const address = schema.make(text.toLowerCase())
  const digits = text.slice(2)
  const mixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  return mixed && digits !== checksummed(address).slice(2)
    ? Result.fail(new MalformedAddress({ text, problem: "Checksum" }))
    : Result.succeed(address)
}

/** An account or contract of the chain: `0x` and 40 lower-case hex digits. */
export const Address = Object.assign(schema, {
  /** Reads an address; one in mixed case must have the right checksum. */
  from,
  checksummed,
})
export type Address = typeof schema.Type

export const zeroAddress = Address.make(`0x${"0".repeat(40)}`)
