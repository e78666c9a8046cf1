import { Schema } from "effect"

/** An account or contract of the chain: `0x` and 40 lower-case hex digits. Checksummed input is normalised by `Address.from`. */
export const Address = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{40}$/)), Schema.brand("Address"))
export type Address = typeof Address.Type

export const zeroAddress = Address.make(`0x${"0".repeat(40)}`)
