import { type ContractState, OfferId, type OpenRequest } from "@pecia/contracts-abi"
import { HashSet, Option, Result } from "effect"
import {
  ContractNotEnded,
  ContractNotStarted,
  ContractStartedBefore,
  NotHostOfOffer,
  OfferNotSelected,
  RequestExpired,
} from "../../OfferError.ts"
import { accountOf, emit, ensure, type Outcome, setAccount } from "../contract/call.ts"
import { pay } from "../contract/token.ts"
import { type OfferCall, type OfferRecord, offerOf, requestOfOffer, setOffer } from "./books.ts"

/** From its selection on, a contract locks its host's collateral. */
export const keep = (call: OfferCall, { id, offer }: OfferRecord): void =>
  setAccount(call, offer.host, { slots: HashSet.add(accountOf(call, offer.host).slots, OfferId.slotId(id)) })

const leave = (call: OfferCall, { id, offer }: OfferRecord): void =>
  setAccount(call, offer.host, { slots: HashSet.remove(accountOf(call, offer.host).slots, OfferId.slotId(id)) })

export const startContract = (
  call: OfferCall,
  offerId: OfferId,
): Outcome<void, NotHostOfOffer | OfferNotSelected | ContractStartedBefore | RequestExpired> =>
  Result.gen(function* () {
    const { block, sender } = call
    const record = yield* Result.fromOption(
      Option.filter(offerOf(call, offerId), ({ offer }) => offer.host === sender),
      () => new NotHostOfOffer({ offerId, account: sender }),
    )
    yield* ensure(record.state !== "None", () => new OfferNotSelected({ offerId }))
    yield* ensure(Option.isNone(record.term), () => new ContractStartedBefore({ offerId }))
    const { request } = yield* requestOfOffer(call, record.offer)
    const isInTime = record.state === "Selected" && request.expiry > block.timestamp
    yield* ensure(isInTime, () => new RequestExpired({ offerId }))
    const term = { startedAt: block.timestamp, endsAt: block.timestamp + request.duration }
    setOffer(call, { ...record, state: "Started", term: Option.some(term) })
    emit(call, { _tag: "ContractStarted", offerId })
  })

/** What the host of a contract earns, in token base units: of one that failed the share for the time stored, rounded down. */
export const earnings = ({ offer, state, term }: OfferRecord, { duration }: OpenRequest): bigint => {
  switch (state) {
    case "None":
    case "Selected":
    case "Released":
      return 0n
    case "Started":
    case "Finished":
      return offer.price
    case "Failed":
      return Option.match(term, {
        onNone: () => 0n,
        onSome: ({ endsAt, startedAt }) => (offer.price * (endsAt - startedAt)) / duration,
      })
  }
}

/** Anyone may call it; the money goes to the host. */
export const finishContract = (
  call: OfferCall,
  offerId: OfferId,
): Outcome<void, ContractNotStarted | ContractNotEnded> =>
  Result.gen(function* () {
    const isPayable = ({ isPaid, state }: OfferRecord) => !isPaid && (state === "Started" || state === "Failed")
    const record = yield* Result.fromOption(
      Option.filter(offerOf(call, offerId), isPayable),
      () => new ContractNotStarted({ offerId }),
    )
    const { offer, state, term } = record
    const isOver = state === "Failed" || Option.exists(term, ({ endsAt }) => call.block.timestamp > endsAt)
    yield* ensure(isOver, () => new ContractNotEnded({ offerId }))
    setOffer(call, { ...record, isPaid: true, state: state === "Failed" ? "Failed" : "Finished" })
    if (state === "Started") {
      leave(call, record)
      emit(call, { _tag: "ContractFinished", offerId })
    }
    const { request } = yield* requestOfOffer(call, offer)
    yield* pay(call, offer.host, earnings(record, request))
  })

/** The host did not start in time. */
export const release = (call: OfferCall, record: OfferRecord): void => {
  setOffer(call, { ...record, state: "Released" })
  leave(call, record)
}

/** The host has too little collateral left. */
export const fail = (call: OfferCall, record: OfferRecord): void => {
  const term = Option.map(record.term, ({ startedAt }) => ({ startedAt, endsAt: call.block.timestamp }))
  setOffer(call, { ...record, state: "Failed", term })
  leave(call, record)
  emit(call, { _tag: "ContractFailed", offerId: record.id })
}

export const contractState = (call: OfferCall, offerId: OfferId): ContractState =>
  Option.match(offerOf(call, offerId), { onNone: () => "None", onSome: ({ state }) => state })
