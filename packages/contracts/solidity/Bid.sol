// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ContractState, OfferId} from "./Offer.sol";
import {ProofLog} from "./ProofLog.sol";

/// What became of a request, in two words.
struct Tender {
  uint32 number; // of the request's code; from 1 on
  bool isRefunded; // nothing of the price is left for the client
  OfferId selected; // here begins the second word; zero while none is
}

/// An offer, and the contract that comes of it, in three words.
struct Bid {
  address host;
  uint32 request; // its number
  uint40 expiry; // unix seconds
  ContractState state;
  bool isPaid; // the host was
  uint128 price; // tokens; here begins the second word
  ProofLog proofs; // here begins the third word
  uint40 startedAt; // unix seconds; proofs are due from the next period on
  uint40 endsAt; // unix seconds; when it failed, if it did
}
