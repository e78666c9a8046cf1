import { Offer, type OfferId, OpenRequestLimits } from "@pecia/contracts-abi"
import { Option, Result } from "effect"
import { InsufficientCollateral, type UnknownRequest } from "../../MarketError.ts"
import {
  HostLacksCollateral,
  InvalidHostAddress,
  type MaxLocksReached,
  NotClientOfRequest,
  OfferAlreadyExists,
  OfferAlreadySelected,
  OfferExpired,
  OfferRefused,
  PriceTooHigh,
  RequestExpired,
  UnknownOffer,
} from "../../OfferError.ts"
import { emit, ensure, type Outcome } from "../contract/call.ts"
import { coversOneMore } from "../contract/collateral.ts"
import { pay } from "../contract/token.ts"
import { bid } from "./bids.ts"
import { type OfferCall, offerOf, requestOfOffer, setOffer, setRequest } from "./books.ts"
import { keep } from "./contracts.ts"
import { known } from "./requests.ts"

/** After a selection offers are still taken, but lock nothing. */
export const offerStorage = (
  call: OfferCall,
  offer: Offer,
): Outcome<
  OfferId,
  | InvalidHostAddress
  | InsufficientCollateral
  | UnknownRequest
  | RequestExpired
  | PriceTooHigh
  | OfferAlreadyExists
  | OfferRefused
  | MaxLocksReached
> =>
  Result.gen(function* () {
    const { block, sender } = call
    const { price, requestId } = offer
    yield* ensure(offer.host === sender, () => new InvalidHostAddress({ account: sender }))
    yield* ensure(coversOneMore(call, sender), () => new InsufficientCollateral({ account: sender }))
    const { request, selected } = yield* known(call, requestId)
    const offerId = Offer.id(offer)
    yield* ensure(request.expiry > block.timestamp, () => new RequestExpired({ offerId }))
    yield* ensure(price <= request.maxPrice, () => new PriceTooHigh({ requestId, price }))
    yield* ensure(Option.isNone(offerOf(call, offerId)), () => new OfferAlreadyExists({ offerId }))
    yield* ensure(offer.expiry <= OpenRequestLimits.expiry, () => new OfferRefused({ offerId }))
    if (Option.isNone(selected)) yield* bid(call, requestId)
    setOffer(call, { id: offerId, offer, state: "None", term: Option.none(), isPaid: false })
    emit(call, { _tag: "StorageOffered", offerId, offer })
    return offerId
  })

/** The bids of all others are void with it. */
export const selectOffer = (
  call: OfferCall,
  offerId: OfferId,
): Outcome<
  void,
  UnknownOffer | OfferExpired | NotClientOfRequest | OfferAlreadySelected | RequestExpired | HostLacksCollateral
> =>
  Result.gen(function* () {
    const { block, sender } = call
    const found = yield* Result.fromOption(offerOf(call, offerId), () => new UnknownOffer({ offerId }))
    const { expiry, host, price, requestId } = found.offer
    yield* ensure(expiry > block.timestamp, () => new OfferExpired({ offerId }))
    const record = yield* requestOfOffer(call, found.offer)
    const { request, selected } = record
    yield* ensure(request.client === sender, () => new NotClientOfRequest({ offerId, account: sender }))
    yield* ensure(Option.isNone(selected), () => new OfferAlreadySelected({ offerId }))
    yield* ensure(request.expiry > block.timestamp, () => new RequestExpired({ offerId }))
    yield* ensure(coversOneMore(call, host), () => new HostLacksCollateral({ offerId }))
    setRequest(call, requestId, { ...record, selected: Option.some(offerId) })
    setOffer(call, { ...found, state: "Selected" })
    keep(call, found)
    emit(call, { _tag: "OfferSelected", offerId, requestId })
    yield* pay(call, sender, request.maxPrice - price)
  })
