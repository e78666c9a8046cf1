import { Address, OfferId, OpenRequestRefusal, RequestId } from "@pecia/contracts-abi"
import { Schema } from "effect"

// What the offer market refuses besides what MarketError.ts has, one error per reason on which a caller decides; `message` is the
// sentence people read. Errors about proofs are those of the marketplace: the contract's slot has the offer's id (`OfferId.slotId`).

const remedies: { readonly [Reason in OpenRequestRefusal]: string } = {
  "Invalid duration": "give it a duration of 1 to 2^32 - 1 seconds",
  "Invalid price": "pay less than 2^128 at the most",
  "Invalid expiry": "let it expire before the unix time 2^40",
  "Invalid proof probability": "ask for a proof in one of less than 2^64 periods",
  "Invalid proof parameters": "take a size that its verifier can use",
}

/** The request can never work. Its reasons: `OpenRequestRefusal`; nobody decides on them, so they share this error. */
export class OpenRequestRefused extends Schema.TaggedError<OpenRequestRefused>()("OpenRequestRefused", {
  requestId: RequestId,
  reason: OpenRequestRefusal,
}) {
  override get message() {
    return `The contract refuses request ${this.requestId} (${this.reason}); ${remedies[this.reason]}.`
  }
}

/** `Invalid host address` */
export class InvalidHostAddress extends Schema.TaggedError<InvalidHostAddress>()("InvalidHostAddress", {
  account: Address,
}) {
  override get message() {
    return `The offer does not come from ${this.account}; use the account that is named as its host.`
  }
}

/** `Request expired` */
export class RequestExpired extends Schema.TaggedError<RequestExpired>()("RequestExpired", { offerId: OfferId }) {
  override get message() {
    return `The request of offer ${this.offerId} has expired; nothing can be offered, selected or started for it any more.`
  }
}

/** `Price too high` */
export class PriceTooHigh extends Schema.TaggedError<PriceTooHigh>()("PriceTooHigh", {
  requestId: RequestId,
  price: Schema.BigInt,
}) {
  override get message() {
    return `The client of request ${this.requestId} pays less than ${this.price}; offer for less.`
  }
}

/** `Offer already exists` */
export class OfferAlreadyExists extends Schema.TaggedError<OfferAlreadyExists>()("OfferAlreadyExists", {
  offerId: OfferId,
}) {
  override get message() {
    return `Offer ${this.offerId} was made already; change its price or its expiry for another one.`
  }
}

/** `Invalid expiry`, of an offer */
export class OfferRefused extends Schema.TaggedError<OfferRefused>()("OfferRefused", { offerId: OfferId }) {
  override get message() {
    return `The contract refuses offer ${this.offerId} (Invalid expiry); let it expire before the unix time 2^40.`
  }
}

/** `Max locks reached` */
export class MaxLocksReached extends Schema.TaggedError<MaxLocksReached>()("MaxLocksReached", { account: Address }) {
  override get message() {
    return `${this.account} has offers on 128 requests that are open; wait until one of them is decided or expires.`
  }
}

/** `Unknown offer` */
export class UnknownOffer extends Schema.TaggedError<UnknownOffer>()("UnknownOffer", { offerId: OfferId }) {
  override get message() {
    return `The chain knows no offer ${this.offerId}; check the id and the deployment.`
  }
}

/** `Offer expired` */
export class OfferExpired extends Schema.TaggedError<OfferExpired>()("OfferExpired", { offerId: OfferId }) {
  override get message() {
    return `Offer ${this.offerId} has expired; select another one.`
  }
}

/** `Only client can select offer` */
export class NotClientOfRequest extends Schema.TaggedError<NotClientOfRequest>()("NotClientOfRequest", {
  offerId: OfferId,
  account: Address,
}) {
  override get message() {
    return `Offer ${this.offerId} is for a request of another account than ${this.account}; its client alone can select it.`
  }
}

/** `Offer already selected` */
export class OfferAlreadySelected extends Schema.TaggedError<OfferAlreadySelected>()("OfferAlreadySelected", {
  offerId: OfferId,
}) {
  override get message() {
    return `Offer ${this.offerId} cannot be selected: one was selected for its request already.`
  }
}

/** `Insufficient collateral`, of the host of an offer that is to be selected */
export class HostLacksCollateral extends Schema.TaggedError<HostLacksCollateral>()("HostLacksCollateral", {
  offerId: OfferId,
}) {
  override get message() {
    return `The host of offer ${this.offerId} has too little collateral now; select another one.`
  }
}

/** `Only host can call this function` */
export class NotHostOfOffer extends Schema.TaggedError<NotHostOfOffer>()("NotHostOfOffer", {
  offerId: OfferId,
  account: Address,
}) {
  override get message() {
    return `${this.account} did not make offer ${this.offerId}; its host alone can do this.`
  }
}

/** `Offer was not selected` */
export class OfferNotSelected extends Schema.TaggedError<OfferNotSelected>()("OfferNotSelected", { offerId: OfferId }) {
  override get message() {
    return `Offer ${this.offerId} was not selected by the client.`
  }
}

/** `Proof id already in use` */
export class ContractStartedBefore extends Schema.TaggedError<ContractStartedBefore>()("ContractStartedBefore", {
  offerId: OfferId,
}) {
  override get message() {
    return `The contract of offer ${this.offerId} was started already.`
  }
}

/** `Contract not started` */
export class ContractNotStarted extends Schema.TaggedError<ContractNotStarted>()("ContractNotStarted", {
  offerId: OfferId,
}) {
  override get message() {
    return `There is no contract of offer ${this.offerId} under way: it was not started, or its host was paid.`
  }
}

/** `Contract has not ended yet` */
export class ContractNotEnded extends Schema.TaggedError<ContractNotEnded>()("ContractNotEnded", { offerId: OfferId }) {
  override get message() {
    return `The contract of offer ${this.offerId} has not ended; its host is paid strictly after its end.`
  }
}
