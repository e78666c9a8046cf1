import type { Address, SlotId } from "@pecia/contracts-abi"
import { Effect, type Option, Result } from "effect"
import type { Contract } from "./blockchain.ts"
import type { Books } from "./contract/books.ts"
import { type Call, type Outcome, proofsOf } from "./contract/call.ts"
import { collateralOf, deposit } from "./contract/collateral.ts"
import {
  challengeAt,
  currentPeriod,
  isProofRequired,
  type ProofTerms,
  pointerAt,
  willProofBeRequired,
} from "./contract/proofs.ts"
import { approveMore, balanceOf } from "./contract/token.ts"

/** A contract on a chain in memory, as one account calls it. `service` names the calls for tracing. */
export const accountContract = <B extends Books, Log>(
  contract: Contract<B, Log>,
  account: Address,
  service: string,
  termsOf: (call: Call<B, Log>, id: SlotId) => Option.Option<ProofTerms>,
) => {
  const write = <A, E>(name: string, rule: (call: Call<B, Log>) => Outcome<A, E>) =>
    Effect.withSpan(contract.transact(name, account, rule), `${service}.${name}`)

  const tryRead = <A, E>(name: string, rule: (call: Call<B, Log>) => Outcome<A, E>) =>
    Effect.withSpan(contract.view(name, account, rule), `${service}.${name}`)

  const read = <A>(name: string, view: (call: Call<B, Log>) => A) => tryRead(name, (call) => Result.succeed(view(call)))

  return {
    write,
    tryRead,
    read,
    /** What every contract of ours offers: money, constants, and what is asked about proofs. */
    common: {
      account,
      approveFunds: (amount: bigint) => write("approveFunds", (call) => approveMore(call, amount)),
      deposit: (amount: bigint) => write("deposit", (call) => deposit(call, amount)),
      config: Effect.succeed(contract.deployed.config),
      options: Effect.succeed(contract.deployed.options),
      collateral: (address: Address) => read("collateral", (call) => collateralOf(call, address)),
      tokens: (address: Address) => read("tokens", (call) => balanceOf(call, address)),
    },
    proofs: {
      missingProofs: (id: SlotId) => read("missingProofs", (call) => proofsOf(call, id).missed),
      getPointer: (id: SlotId) => read("getPointer", (call) => pointer(call, id)),
      getChallenge: (id: SlotId) => read("getChallenge", (call) => toHex32(challengeAt(call, pointer(call, id)))),
      isProofRequired: (id: SlotId) => read("isProofRequired", (call) => isProofRequired(call, id, termsOf(call, id))),
      willProofBeRequired: (id: SlotId) =>
        read("willProofBeRequired", (call) => willProofBeRequired(call, id, termsOf(call, id))),
    },
  }
}

const pointer = (call: Call, id: SlotId): bigint => pointerAt(call, id, currentPeriod(call))

const toHex32 = (value: bigint): string => `0x${value.toString(16).padStart(64, "0")}`
