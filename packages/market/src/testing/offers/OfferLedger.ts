import { type Address, type OfferId, type OpenRequest, type RequestId, zeroAddress } from "@pecia/contracts-abi"
import { Effect, Option } from "effect"
import type { OfferMarketOf } from "./OfferScenario.ts"

/** Who owns which tokens, wallet and collateral together, by the rules of the offer market alone. */
export class OfferLedger {
  readonly #owned = new Map<Address, bigint>()
  readonly #collateral = new Map<Address, bigint>()
  readonly #started = new Map<OfferId, { readonly host: Address; readonly at: bigint }>()
  readonly #misses = new Map<OfferId, bigint>()
  readonly #counts = new Map<string, number>()
  /** Slashed, and owed to nobody. */
  burnt = 0n

  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  count(what: string): Effect.Effect<void> {
    return Effect.sync(() => void this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1))
  }

  owned(account: Address): bigint {
    return this.#owned.get(account) ?? 0n
  }

  give(account: Address, tokens: bigint): void {
    this.#owned.set(account, this.owned(account) + tokens)
  }

  /** A part of what the account owns is collateral now. */
  deposit(account: Address, tokens: bigint): void {
    this.#collateral.set(account, (this.#collateral.get(account) ?? 0n) + tokens)
  }

  start(offerId: OfferId, host: Address, at: bigint): void {
    this.#started.set(offerId, { host, at })
  }

  hasStarted(offerId: OfferId): boolean {
    return this.#started.has(offerId)
  }

  /** A missing proof was marked. */
  readonly miss = Effect.fnUntraced(function* (this: OfferLedger, marker: OfferMarketOf, offerId: OfferId) {
    const { slashCriterion, slashPercentage } = (yield* marker.config).collateral
    const { markerPercentage, treasury } = yield* marker.options
    const misses = (this.#misses.get(offerId) ?? 0n) + 1n
    this.#misses.set(offerId, misses)
    const started = this.#started.get(offerId)
    if (started === undefined || misses % slashCriterion !== 0n) return
    const slashed = ((this.#collateral.get(started.host) ?? 0n) * slashPercentage) / 100n
    const reward = (slashed * markerPercentage) / 100n
    this.deposit(started.host, -slashed)
    this.give(started.host, -slashed)
    this.give(marker.account, reward)
    if (treasury === zeroAddress) this.burnt += slashed - reward
    else this.give(treasury, slashed - reward)
  })

  /** All of a request's money has gone where it belongs: from its client to the host, if one has earned something. */
  readonly settle = Effect.fnUntraced(function* (
    this: OfferLedger,
    client: OfferMarketOf,
    request: OpenRequest,
    requestId: RequestId,
  ) {
    const offerId = Option.getOrUndefined(yield* client.selectedOffer(requestId))
    if (offerId === undefined) return yield* this.count("not selected")
    const state = yield* client.contractState(offerId)
    yield* this.count(state)
    const started = this.#started.get(offerId)
    const offer = Option.getOrUndefined(yield* client.getOffer(offerId))
    if (started === undefined || offer === undefined) return
    const end = Option.getOrElse(yield* client.proofEnd(offerId), () => 0n)
    const earned = state === "Finished" ? offer.price : (offer.price * (end - started.at)) / request.duration
    this.give(started.host, earned)
    this.give(client.account, -earned)
  })
}
