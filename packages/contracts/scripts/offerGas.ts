import { MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { MaxUint256, toBeHex } from "ethers"
import { referenceConfig } from "../test/Ground.ts"
import { offerId, openRequestId, openVector, type TestOpenRequest } from "../test/TestOffer.ts"
import { makeMeter } from "./Meter.ts"

const periodSeconds = 10n

/** A market by offers whose hosts fail with their second slash, with money in all hands. */
const openMarket = Effect.gen(function* () {
  const meter = yield* makeMeter
  const [client = "", host = "", other = "", marker = ""] = meter.accounts
  const { collateral, proofs } = referenceConfig
  const config = new MarketplaceConfig({
    collateral: { ...collateral, slashCriterion: 1n, slashPercentage: 50n },
    proofs,
  })
  const token = yield* meter.create("TestToken")
  const verifier = yield* meter.create("TestVerifier")
  const options = MarketplaceOptions.toAbi(MarketplaceOptions.standard)
  const market = yield* meter.create(
    "OfferMarket",
    token.address,
    MarketplaceConfig.toAbi(config),
    verifier.address,
    options,
  )
  for (const account of [client, host, other]) {
    yield* token.send("", client, "mint", account, 10n ** 12n)
    yield* token.send("", account, "approve", market.address, MaxUint256)
  }
  for (const account of [host, other]) yield* market.send("", account, "deposit", 100)

  /** Expires in a quarter of an hour. */
  const newRequest = (number: number): TestOpenRequest => ({
    ...openVector,
    client,
    proofProbability: 1n,
    expiry: meter.now() + 900n,
    nonce: toBeHex(2n ** 255n + BigInt(number), 32),
  })
  return { ...meter, market, newRequest, client, host, other, marker }
})

/** What each transaction of a trade by offers costs, with proofs of 256 bytes that nobody verifies. */
export const offers = Effect.gen(function* () {
  const bed = yield* openMarket
  const { client, host, market, marker, newRequest, other } = bed
  const proof = `0x${"5a".repeat(256)}`

  const ask = Effect.fnUntraced(function* (label: string, number: number) {
    const request = newRequest(number)
    yield* market.send(label, client, "requestStorage", request)
    return { requestId: openRequestId(request), request }
  })
  const offer = Effect.fnUntraced(function* (label: string, from: string, requestId: string, price: bigint) {
    const answer = { host: from, requestId, price, expiry: bed.now() + 900n }
    yield* market.send(label, from, "offerStorage", answer)
    return offerId(answer)
  })

  const first = yield* ask("requestStorage: for offers", 1)
  const second = yield* ask("", 2)
  const unanswered = yield* ask("", 3)
  const chosen = yield* offer("offerStorage: first of the host", host, first.requestId, 42n)
  yield* offer("offerStorage: second for the same request", host, first.requestId, 41n)
  const failing = yield* offer("offerStorage: for another request", host, second.requestId, 42n)
  const late = yield* offer("", other, unanswered.requestId, 42n)
  yield* market.send("selectOffer", client, "selectOffer", chosen)
  yield* market.send("", client, "selectOffer", failing)
  yield* market.send("", client, "selectOffer", late)
  yield* market.send("startContract", host, "startContract", chosen)
  yield* market.send("", host, "startContract", failing)

  for (const label of ["submitProof: by offer, first", "submitProof: by offer, again"]) {
    bed.goTo((bed.now() / periodSeconds + 1n) * periodSeconds)
    yield* market.send(label, host, "submitProof", chosen, proof)
  }

  /** Marks the next miss, as soon as there is one. */
  const miss = Effect.fnUntraced(function* (label: string) {
    while (true) {
      const period = bed.now() / periodSeconds + 1n
      bed.goTo((period + 1n) * periodSeconds)
      yield* bed.mine
      if (yield* market.wouldPass(marker, "markProofAsMissing", failing, period))
        return yield* market.send(label, marker, "markProofAsMissing", failing, period)
    }
  })
  yield* miss("markProofAsMissing: by offer, which slashes")
  const { logs } = yield* miss("markProofAsMissing: by offer, which slashes and fails the contract")
  if (!market.announced(logs, "ContractFailed")) return yield* Effect.die(new Error("the contract did not fail"))
  yield* market.send("withdrawFunds: failed, by offer", client, "withdrawFunds", second.requestId)
  yield* market.send("finishContract: failed", host, "finishContract", failing)

  if (bed.now() < unanswered.request.expiry) bed.goTo(unanswered.request.expiry)
  yield* market.send(
    "withdrawFunds: not started, which releases the host",
    client,
    "withdrawFunds",
    unanswered.requestId,
  )
  bed.goTo(BigInt(yield* market.view("proofEnd", chosen)) + 5n)
  yield* market.send("finishContract", host, "finishContract", chosen)
  yield* market.send("withdraw: by offer, with two requests offered for", host, "withdraw")
  return bed.rows
})
