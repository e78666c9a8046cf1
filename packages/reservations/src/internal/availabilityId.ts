import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { AvailabilityId } from "../Availability.ts"

export const randomAvailabilityId: Effect.Effect<AvailabilityId> = Effect.sync(() =>
  AvailabilityId.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(32))}`),
)
