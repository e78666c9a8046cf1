// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestState} from "./Request.sol";

/// How far a request has come, in one word. The sums are over the slots that have a host; they stand still once the
/// request is over.
struct Progress {
  uint32 number; // of the request's code; from 1 on
  uint16 slotsFilled;
  RequestState state; // new, started or failed; time alone makes it cancelled or finished
  bool isClosed; // nothing of the price is left for the client, and the request is not in its list
  uint32 failedAfter; // seconds since the request was made
  uint48 storedSeconds; // from each slot's filling to the end of the request
  uint48 earlySeconds; // from the request's making to the filling, of slots that were filled before it started
  uint32 older; // neighbours in the list of the client's requests, by number
  uint32 newer;
}

using {save} for Progress global;

/// @dev In one write. The compiler writes each member by itself.
function save(Progress memory progress, Progress storage place) {
  uint256 word = progress.number |
    (uint256(progress.slotsFilled) << 32) |
    (uint256(progress.state) << 48) |
    (uint256(progress.isClosed ? 1 : 0) << 56) |
    (uint256(progress.failedAfter) << 64) |
    (uint256(progress.storedSeconds) << 96) |
    (uint256(progress.earlySeconds) << 144) |
    (uint256(progress.older) << 192) |
    (uint256(progress.newer) << 224);
  assembly ("memory-safe") {
    sstore(place.slot, word)
  }
}
