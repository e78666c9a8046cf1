import { Effect, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { bytes32From } from "./internal/bytes32.ts"
import { toHex } from "./internal/hex.ts"

const schema = Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]{64}$/)), Schema.brand("Nonce"))

/** The nonce of these 32 bytes. Any other number of bytes is a defect. */
const fromBytes = (bytes: Uint8Array): typeof schema.Type => schema.make(toHex(bytes))

/** What tells two otherwise equal requests apart: `0x` and 64 lower-case hex digits. */
export const Nonce = Object.assign(schema, {
  /** Reads a nonce in any case, with or without `0x`. */
  from: bytes32From("nonce", schema.make),
  fromBytes,
  /** A nonce that nobody has used. */
  random: SecureRandom.SecureRandom.use((random) => Effect.map(random.randomBytes(32), fromBytes)),
})
export type Nonce = typeof schema.Type
