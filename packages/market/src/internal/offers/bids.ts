import type { Address, RequestId } from "@pecia/contracts-abi"
import { HashSet, Option, Result } from "effect"
import { MaxLocksReached } from "../../OfferError.ts"
import { accountOf, ensure, type Outcome, setAccount } from "../contract/call.ts"
import { type OfferCall, requestOf } from "./books.ts"

// Bids: a host's collateral is locked while one of the requests to which it offered is open.

/** As many requests as an account can have bids on. */
const mostBids = 128

/** Whether a client can still select among the offers to a request. */
const isOpen = (call: OfferCall, requestId: RequestId): boolean =>
  Option.exists(
    requestOf(call, requestId),
    ({ request, selected }) => Option.isNone(selected) && call.block.timestamp < request.expiry,
  )

const openBids = (call: OfferCall, account: Address): HashSet.HashSet<RequestId> =>
  HashSet.filter(accountOf(call, account).requests, (requestId) => isOpen(call, requestId))

export const hasOpenBid = (call: OfferCall, account: Address): boolean => !HashSet.isEmpty(openBids(call, account))

/** What is not open any more is forgotten first. */
export const bid = (call: OfferCall, requestId: RequestId): Outcome<void, MaxLocksReached> =>
  Result.gen(function* () {
    const requests = HashSet.add(openBids(call, call.sender), requestId)
    yield* ensure(HashSet.size(requests) <= mostBids, () => new MaxLocksReached({ account: call.sender }))
    setAccount(call, call.sender, { requests })
  })
