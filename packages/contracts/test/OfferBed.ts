import type { VerifierName } from "@pecia/contracts"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Context, Effect, Layer } from "effect"
import { toBeHex } from "ethers"
import { type BedOptions, genesis } from "./Bed.ts"
import { makeGround, referenceConfig } from "./Ground.ts"
import { proofMissed } from "./missedProof.ts"
import { offerId, openRequestId, openVector, type TestOffer, type TestOpenRequest } from "./TestOffer.ts"

export { gain, names, reasonOf } from "./Ground.ts"

const contractStates = ["None", "Selected", "Started", "Finished", "Failed", "Released"]

/** Rules by which a host of 100 tokens fails with its first miss. */
export const strict = new MarketplaceConfig({
  ...referenceConfig,
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 1n, slashPercentage: 70n },
})

export interface OfferBedOptions extends Omit<BedOptions, "contract"> {
  /** By default any bytes are a proof, but not none. */
  readonly verifier?: VerifierName
}

/** A market by offers, with two hosts and a client who have money. */
const make = Effect.fnUntraced(function* ({ deposit = 100n, verifier = "TestVerifier", ...choices }: OfferBedOptions) {
  const ground = yield* makeGround({ verifier, ...choices })
  const { client, host, now, otherHost } = ground
  const address = yield* Effect.fromOption(ground.offerMarket)
  const { count, send, view, ...market } = yield* ground.talkTo("OfferMarket", address)
  for (const account of [client, host, otherHost]) yield* ground.fund(account, 1_000_000_000n, address)
  for (const account of [host, otherHost]) yield* send(account, "deposit", deposit)
  let requests = 0

  /** A request of the client for an hour, for at most 1000 tokens, which expires in ten minutes. */
  const newRequest = Effect.fnUntraced(function* (fields: Partial<TestOpenRequest> = {}) {
    const expiry = (yield* now) + 600n
    const nonce = toBeHex(++requests, 32)
    const request = { ...openVector, client, duration: 3600n, maxPrice: 1000n, expiry, nonce, ...fields }
    return { request, requestId: openRequestId(request) }
  })

  const requested = Effect.fnUntraced(function* (fields?: Partial<TestOpenRequest>) {
    const made = yield* newRequest(fields)
    yield* send(made.request.client, "requestStorage", made.request)
    return made
  })

  /** An offer of the host's for 400 tokens, which can be selected until the request expires. */
  const newOffer = (
    { request, requestId }: { readonly request: TestOpenRequest; readonly requestId: string },
    fields: Partial<TestOffer> = {},
  ) => {
    const offer: TestOffer = { host, requestId, price: 400n, expiry: request.expiry, ...fields }
    return { request, requestId, offer, id: offerId(offer) }
  }

  const offered = Effect.fnUntraced(function* (made: Parameters<typeof newOffer>[0], fields?: Partial<TestOffer>) {
    const answer = newOffer(made, fields)
    yield* send(answer.offer.host, "offerStorage", answer.offer)
    return answer
  })

  /** An offer, and the contract that it became. */
  const selected = Effect.fnUntraced(function* (fields?: Partial<TestOpenRequest>, offer?: Partial<TestOffer>) {
    const made = yield* offered(yield* requested(fields), offer)
    yield* send(made.request.client, "selectOffer", made.id)
    return made
  })

  /** With the time at which it started. */
  const started = Effect.fnUntraced(function* (...args: Parameters<typeof selected>) {
    const made = yield* selected(...args)
    yield* send(made.offer.host, "startContract", made.id)
    return { ...made, start: yield* now }
  })

  /** Has the stranger mark a miss of the contract; answers what that made happen. */
  const miss = Effect.fnUntraced(function* ({ id }: { readonly id: string }) {
    return yield* send(ground.stranger, "markProofAsMissing", id, yield* proofMissed(ground, id))
  })

  return {
    ...ground,
    ...market,
    address,
    count,
    send,
    view,
    newRequest,
    requested,
    newOffer,
    offered,
    selected,
    started,
    miss,
    select: ({ request, id }: { readonly request: TestOpenRequest; readonly id: string }) =>
      send(request.client, "selectOffer", id),
    finish: ({ id }: { readonly id: string }) => send(ground.stranger, "finishContract", id),
    refund: ({ requestId }: { readonly requestId: string }) => send(ground.stranger, "withdrawFunds", requestId),
    state: ({ id }: { readonly id: string }) =>
      Effect.map(count("contractState", id), (state) => contractStates[Number(state)]),
  }
})

export class OfferBed extends Context.Service<OfferBed, Effect.Success<ReturnType<typeof make>>>()("test/OfferBed") {
  static readonly layer = (options: OfferBedOptions = {}) =>
    Layer.effect(OfferBed, make(options)).pipe(Layer.provide(Devnet.layer({ timestamp: genesis })))
}

/** Runs a test on the bed and undoes all that it did there. */
export const onOfferBed = (test: (bed: OfferBed["Service"]) => Effect.fn.Return<void, Error>) =>
  OfferBed.use((bed) => bed.devnet.isolated(Effect.gen(() => test(bed))))
