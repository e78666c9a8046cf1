import type { RequestId } from "@pecia/contracts-abi"
import type { OwnOffer } from "../Bid.ts"

/** How many are remembered: more than an account can have open, whose number is 128, and than bids are remembered. */
const kept = 2000

/** The latest offer of this host to each request: made by this run, or read from the chain. */
export class OwnOffers {
  readonly #offers = new Map<RequestId, OwnOffer>()

  remember({ offerId, offer }: OwnOffer): void {
    const { requestId } = offer
    this.#offers.delete(requestId)
    this.#offers.set(requestId, { offerId, offer })
    const [oldest] = this.#offers.keys()
    if (this.#offers.size > kept && oldest !== undefined) this.#offers.delete(oldest)
  }

  of(requestId: RequestId): OwnOffer | undefined {
    return this.#offers.get(requestId)
  }
}
