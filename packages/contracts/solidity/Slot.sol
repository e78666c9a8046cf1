// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofLog} from "./ProofLog.sol";

enum Tenure {
  None, // free
  Early, // filled before the request started
  Late, // filled, or refilled, after the request had started
  Paid // over, and the host was paid
}

/// A slot and its host, in two words.
struct Slot {
  address host;
  uint32 request; // its number
  uint16 index;
  uint40 filledAt; // unix seconds; proofs are due from the next period on
  Tenure tenure;
  ProofLog proofs; // here begins the second word
  uint48 older; // neighbours in the list of the host's slots, by key
  uint48 newer;
}

using {key, save} for Slot global;

/// Which slot of which request.
function key(Slot memory slot) pure returns (uint48) {
  return (uint48(slot.request) << 16) | slot.index;
}

/// @dev In two writes. The compiler writes each member by itself.
function save(Slot memory slot, Slot storage place) {
  uint256 first = uint160(slot.host) |
    (uint256(slot.request) << 160) |
    (uint256(slot.index) << 192) |
    (uint256(slot.filledAt) << 208) |
    (uint256(slot.tenure) << 248);
  uint256 second = uint256(ProofLog.unwrap(slot.proofs)) | (uint256(slot.older) << 160) | (uint256(slot.newer) << 208);
  assembly ("memory-safe") {
    sstore(place.slot, first)
    sstore(add(place.slot, 1), second)
  }
}
