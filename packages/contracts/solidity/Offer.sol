// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestId, SlotId} from "./Request.sol";

/// Identifies an offer, and the contract that comes of it. In proofs it stands where slots have their ids.
type OfferId is bytes32;

/// A client's wish to have one slot of data kept by one host.
struct OpenRequest {
  address client;
  uint256 duration; // seconds, counted from the start of the contract
  uint256 size; // bytes
  bytes32 contentHash; // sha256 of the digest of the data's manifest, then the root of its proof scheme
  uint256 proofProbability; // about one proof in so many periods
  uint256 maxPrice; // tokens for the whole duration, paid in advance
  uint256 expiry; // unix seconds; the contract has to start before
  bytes32 nonce; // tells apart requests that are otherwise equal
}

/// A host's answer to a request.
struct Offer {
  address host;
  RequestId requestId;
  uint256 price; // tokens for the whole duration
  uint256 expiry; // unix seconds; it can be selected before
}

enum ContractState {
  None, // not selected
  Selected, // waits for its host to start
  Started,
  Finished, // over, and the host was paid
  Failed, // the host lost too much collateral
  Released // the host did not start in time
}

using {id} for OpenRequest global;
using {offerId} for Offer global;
using {isNone} for OfferId global;

function id(OpenRequest memory request) pure returns (RequestId) {
  return RequestId.wrap(keccak256(abi.encode(request)));
}

function offerId(Offer memory offer) pure returns (OfferId) {
  return OfferId.wrap(keccak256(abi.encode(offer)));
}

function isNone(OfferId offer) pure returns (bool) {
  return OfferId.unwrap(offer) == 0;
}

/// The offer whose proofs have this id.
function offerOf(SlotId proofId) pure returns (OfferId) {
  return OfferId.wrap(SlotId.unwrap(proofId));
}
