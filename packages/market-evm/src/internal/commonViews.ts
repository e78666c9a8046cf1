import type { Address } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { type OpenContract, uint } from "./openContract.ts"

const bool = Schema.decodeUnknownResult(Schema.Boolean)
const text = Schema.decodeUnknownResult(Schema.String)

/**
 * What all of our contracts answer, in the state of the newest block. What is asked about proofs is asked of the pending block: its
 * number is the one that the next transaction will see, and pointers move with the number.
 */
export const commonViewsOf = ({ config, contract, options, token }: OpenContract) => ({
  config: Effect.succeed(config),
  options: Effect.succeed(options),
  collateral: (account: Address) => contract.read(uint, "balanceOf", [account]),
  tokens: (account: Address) => token.read(uint, "balanceOf", [account]),
  missingProofs: (id: string) => contract.read(uint, "missingProofs", [id]),
  getPointer: (id: string) => contract.read(uint, "getPointer", [id], "pending"),
  getChallenge: (id: string) => contract.read(text, "getChallenge", [id], "pending"),
  isProofRequired: (id: string) => contract.read(bool, "isProofRequired", [id], "pending"),
  willProofBeRequired: (id: string) => contract.read(bool, "willProofBeRequired", [id], "pending"),
})
