import { type Address, type SlotId, zeroAddress } from "@pecia/contracts-abi"
import { Effect, Option, Result } from "effect"
import { Market } from "../Market.ts"
import type { Blockchain } from "./blockchain.ts"
import { accountOf, type Call, type Outcome, proofsOf, requestOf, slotOf } from "./contract/call.ts"
import { collateralOf, deposit, withdraw } from "./contract/collateral.ts"
import { slotState } from "./contract/derived.ts"
import { markProofAsMissing } from "./contract/missingProofs.ts"
import {
  challengeAt,
  currentPeriod,
  isProofRequired,
  pointerAt,
  submitProof,
  willProofBeRequired,
} from "./contract/proofs.ts"
import { requestEnd, requestState, requestStorage, withdrawFunds } from "./contract/requests.ts"
import { fillSlot, freeSlot, getActiveSlot } from "./contract/slots.ts"
import { approveMore, balanceOf } from "./contract/token.ts"

/** The contract on a chain in memory, as one account sees it. */
export const makeAccountMarket = (chain: Blockchain, account: Address): Market["Service"] => {
  const write = <A, E>(name: string, rule: (call: Call) => Outcome<A, E>) =>
    Effect.withSpan(chain.transact(name, account, rule), `Market.${name}`)

  const tryRead = <A, E>(name: string, rule: (call: Call) => Outcome<A, E>) =>
    Effect.withSpan(chain.view(name, account, rule), `Market.${name}`)

  const read = <A>(name: string, view: (call: Call) => A) => tryRead(name, (call) => Result.succeed(view(call)))

  return Market.of({
    account,
    approveFunds: (amount) => write("approveFunds", (call) => approveMore(call, amount)),
    deposit: (amount) => write("deposit", (call) => deposit(call, amount)),
    withdraw: write("withdraw", withdraw),
    requestStorage: (request) => write("requestStorage", (call) => requestStorage(call, request)),
    fillSlot: (requestId, slotIndex, proof) => write("fillSlot", (call) => fillSlot(call, requestId, slotIndex, proof)),
    freeSlot: (slotId) => write("freeSlot", (call) => freeSlot(call, slotId)),
    submitProof: (slotId, proof) => write("submitProof", (call) => submitProof(call, slotId, proof)),
    markProofAsMissing: (slotId, period) =>
      write("markProofAsMissing", (call) => markProofAsMissing(call, slotId, period)),
    withdrawFunds: (requestId) => write("withdrawFunds", (call) => withdrawFunds(call, requestId)),
    config: Effect.succeed(chain.deployed.config),
    options: Effect.succeed(chain.deployed.options),
    collateral: (address) => read("collateral", (call) => collateralOf(call, address)),
    tokens: (address) => read("tokens", (call) => balanceOf(call, address)),
    getRequest: (id) => read("getRequest", (call) => Option.map(requestOf(call, id), ({ request }) => request)),
    requestState: (id) => read("requestState", (call) => requestState(call, id)),
    requestEnd: (id) => tryRead("requestEnd", (call) => requestEnd(call, id)),
    slotState: (id) => read("slotState", (call) => slotState(call, slotOf(call, id))),
    getHost: (id) =>
      read("getHost", (call) => Option.liftPredicate(slotOf(call, id).host, (host) => host !== zeroAddress)),
    getActiveSlot: (id) => read("getActiveSlot", (call) => getActiveSlot(call, id)),
    myRequests: read("myRequests", (call) => Array.from(accountOf(call, account).requests)),
    mySlots: read("mySlots", (call) => Array.from(accountOf(call, account).slots)),
    missingProofs: (id) => read("missingProofs", (call) => proofsOf(call, id).missed),
    getPointer: (id) => read("getPointer", (call) => pointer(call, id)),
    getChallenge: (id) => read("getChallenge", (call) => toHex32(challengeAt(call, pointer(call, id)))),
    isProofRequired: (id) => read("isProofRequired", (call) => isProofRequired(call, id)),
    willProofBeRequired: (id) => read("willProofBeRequired", (call) => willProofBeRequired(call, id)),
    events: (options) => chain.events(options?.fromBlock),
  })
}

const pointer = (call: Call, slotId: SlotId): bigint => pointerAt(call, slotId, currentPeriod(call))

const toHex32 = (value: bigint): string => `0x${value.toString(16).padStart(64, "0")}`
