import { Nonce, Offer, OpenRequest } from "@pecia/contracts-abi"
import type { OfferMarket } from "@pecia/market"
import { Console, Effect } from "effect"
import { contentHash, prove, sizeBytes } from "./Data.ts"

type Account = OfferMarket["Service"]

/** Who takes part, and a hand on the clock of the chain. */
export interface Cast {
  readonly client: Account
  readonly host: Account
  readonly validator: Account
  /** Unix seconds of the newest block. */
  readonly now: Effect.Effect<bigint>
  /** Mines a block at that time. */
  readonly advanceTo: (time: bigint) => Effect.Effect<void>
}

const maxPrice = 500n
const price = 300n
const duration = 1_000n

/** The whole of a storage contract. Answers what everybody holds at the end. */
export const flow = Effect.fn("flow")(function* ({ client, host, validator, now, advanceTo }: Cast) {
  // ---- Collateral: the host learns how much it needs, and puts it up
  const { collateral, proofs } = yield* host.config
  yield* host.approveFunds(collateral.initialAmount) // prepares the payment
  yield* host.deposit(collateral.initialAmount)
  yield* Console.log(`The host has put up ${yield* host.collateral(host.account)} tokens of collateral.`)

  // ---- Request: the client names the most that it pays, and pays it in advance
  const request = new OpenRequest({
    client: client.account,
    duration, // seconds, from the start of the contract
    size: sizeBytes,
    contentHash,
    proofProbability: 1n, // a proof roughly once in so many periods
    maxPrice,
    expiry: (yield* now) + 600n, // unix seconds; the contract has to start before
    nonce: Nonce.make(`0x${"2a".repeat(32)}`), // Nonce.random draws one
  })
  yield* client.approveFunds(maxPrice)
  const requestId = yield* client.requestStorage(request)
  yield* Console.log(`The client asks for offers of at most ${maxPrice} tokens: request ${requestId}`)

  // ---- Offer: the host names its price, the client selects, the difference comes back
  const offer = new Offer({ host: host.account, requestId, price, expiry: request.expiry })
  const offerId = yield* host.offerStorage(offer)
  yield* Console.log(`The host offers it for ${price}: offer ${offerId}`)
  const paidInAdvance = yield* client.tokens(client.account)
  yield* client.selectOffer(offerId)
  const reimbursed = (yield* client.tokens(client.account)) - paidInAdvance
  yield* Console.log(`The client selects the offer and has ${reimbursed} tokens back.`)

  // ---- Contract: the host has the data, and starts
  yield* host.startContract(offerId)
  yield* Console.log(`The contract is ${yield* host.contractState(offerId)}.`)

  // ---- Proofs: the host asks in each period whether one is due, and gives it
  const nextPeriod = Effect.gen(function* () {
    yield* advanceTo(((yield* now) / proofs.period + 1n) * proofs.period)
    return (yield* now) / proofs.period
  })
  const periodWithProof = Effect.repeat(
    Effect.zip(
      nextPeriod,
      Effect.suspend(() => host.isProofRequired(offerId)),
    ),
    { until: ([, isProofRequired]) => isProofRequired },
  ).pipe(Effect.map(([period]) => period))
  yield* periodWithProof
  const challenge = yield* host.getChallenge(offerId)
  yield* host.submitProof(offerId, yield* prove(request, offerId, challenge))
  yield* Console.log("A proof was due, and the chain has accepted it.")

  // ---- Missing proofs: a validator marks one that did not come, once the period is over
  const miss = Effect.gen(function* () {
    const period = yield* periodWithProof
    yield* advanceTo((period + 1n) * proofs.period + 1n)
    yield* validator.markProofAsMissing(offerId, period)
  })
  // what is due can change with the blocks that are mined in between
  yield* Effect.retry(miss, { while: ({ _tag }) => _tag === "ProofNotRequired", times: 10 })
  yield* Console.log(`Then one did not come: ${yield* validator.missingProofs(offerId)} is marked as missing.`)

  // ---- End: the host is paid, and free to have its collateral back
  const end = yield* Effect.fromOption(yield* host.proofEnd(offerId))
  yield* advanceTo(end + 1n)
  yield* host.finishContract(offerId)
  yield* host.withdraw
  yield* Console.log(`The contract is ${yield* host.contractState(offerId)}; the host has its pay and its collateral.`)

  const balances = {
    client: yield* client.tokens(client.account),
    host: yield* client.tokens(host.account),
    reimbursed,
  }
  yield* Console.log(`Tokens at the end: client ${balances.client}, host ${balances.host}.`)
  return balances
})
