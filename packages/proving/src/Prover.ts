import type { StorageRequest } from "@pecia/contracts-abi"
import { Context, type Effect, Schema } from "effect"

/** A proof cannot be made: the slot's data is missing, altered, or not of the scheme. */
export class CannotProve extends Schema.TaggedError<CannotProve>()("CannotProve", {
  slotIndex: Schema.BigInt,
  detail: Schema.String,
}) {
  override get message() {
    return `Slot ${this.slotIndex} cannot be proven: ${this.detail}.`
  }
}

/** Makes proofs of the slots whose data is here. Law: a proof that it answers with verifies against the request's root. */
export class Prover extends Context.Service<
  Prover,
  {
    /** Answers a challenge (32 bytes as lower-case hex). */
    readonly prove: (
      request: StorageRequest,
      slotIndex: bigint,
      challenge: string,
    ) => Effect.Effect<Uint8Array, CannotProve>
  }
>()("@pecia/proving/Prover") {}
