// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestState, SlotState} from "../../../solidity/Request.sol";
import {Books, RequestBook, SlotBook} from "./Books.sol";

/// @title Why the market has to refuse a call, by the books
/// @dev The empty reason is for a call that it must not refuse. Checks stand in the interface's order.
abstract contract Refusals is Books {
  function _whyNoFilling(SlotBook storage slot, address host) internal view returns (string memory) {
    RequestState state = _stateOf(_requests[slot.request]);
    bool open = state == RequestState.New || state == RequestState.Started;
    if (!open || _stateOf(slot) != SlotState.Free) return "Slot is not free";
    if (_balance(host) < _neededForOneMore(host)) return "Insufficient collateral";
    if (_proven[slot.id][_period()]) return "Proof already submitted";
    return "";
  }

  function _whyNoProof(SlotBook storage slot, address host) internal view returns (string memory) {
    if (slot.host == address(0)) return "Slot is free";
    if (slot.host != host) return "Slot filled by other host";
    if (_proven[slot.id][_period()]) return "Proof already submitted";
    return "";
  }

  function _whyNoFreeing(SlotBook storage slot, address host) internal view returns (string memory) {
    if (slot.host == address(0)) return "Slot is free";
    if (slot.host != host) return "Slot filled by other host";
    if (slot.paid) return "Already paid";
    return "";
  }

  function _whyNoMark(SlotBook storage slot, uint256 period) internal view returns (string memory) {
    if (_stateOf(slot) != SlotState.Filled) return "Slot not accepting proofs";
    string memory refusal = _whyNotMissed(slot.id, period, _drawn(slot, period));
    if (bytes(refusal).length > 0) return refusal;
    if (_marked[slot.id][slot.fillings][period]) return "Proof already marked as missing";
    return "";
  }

  function _whyNoRefund(RequestBook storage request, address client) internal view returns (string memory) {
    if (block.timestamp <= request.expiry) return "Request not yet timed out";
    if (request.client != client) return "Invalid client address";
    RequestState state = _stateOf(request);
    bool over = state != RequestState.New && state != RequestState.Started;
    bool nothingLeft = state == RequestState.Finished && _rest(request) == 0;
    return over && !request.refunded && !nothingLeft ? "" : "Invalid state";
  }
}
