import { Schema } from "effect"

/** What tells two otherwise equal requests apart: `0x` and 64 lower-case hex digits. */
export const Nonce = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("Nonce"))
export type Nonce = typeof Nonce.Type
