// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Identifies a request: the hash of all that it says.
type RequestId is bytes32;

/// Identifies one slot of a request.
type SlotId is bytes32;

/// A client's wish to have data kept by hosts.
struct Request {
  address client;
  Ask ask;
  Content content;
  uint256 expiry; // unix seconds; after it, a request that still has empty slots is cancelled
  bytes32 nonce; // tells apart requests that are otherwise equal
}

/// The terms.
struct Ask {
  uint64 slots; // how many hosts' worth of storage
  uint256 slotSize; // bytes
  uint256 duration; // seconds, counted from the request
  uint256 proofProbability; // about one proof in so many periods
  uint256 reward; // tokens per second, for each slot
  uint64 maxSlotLoss; // a started request fails when more slots than this are empty
}

/// The data.
struct Content {
  string cid;
  Erasure erasure;
  ProofParameters por;
}

struct Erasure {
  uint64 totalChunks;
}

/// What a proof is checked against. Not interpreted by this contract.
struct ProofParameters {
  bytes u;
  bytes publicKey;
  bytes name;
}

enum RequestState {
  New, // waiting for hosts
  Started, // all slots were filled in time
  Cancelled, // expired before all slots were filled
  Finished, // over
  Failed // too many slots were lost
}

enum SlotState {
  Free, // without a host
  Filled, // kept by a host
  Finished, // its request is over; the host has yet to be paid
  Failed, // its request has failed
  Paid // the host was paid
}

using {id} for Request global;
using {slotId} for RequestId global;
using {pricePerSlot, price} for Ask global;

function id(Request memory request) pure returns (RequestId) {
  return RequestId.wrap(keccak256(abi.encode(request)));
}

function slotId(RequestId requestId, uint256 slotIndex) pure returns (SlotId) {
  return SlotId.wrap(keccak256(abi.encode(requestId, slotIndex)));
}

/// What a host earns with one slot.
function pricePerSlot(Ask memory ask) pure returns (uint256) {
  return ask.duration * ask.reward;
}

/// What the client pays in advance.
function price(Ask memory ask) pure returns (uint256) {
  return ask.slots * ask.pricePerSlot();
}
