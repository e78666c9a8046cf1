// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Request} from "../../../solidity/Request.sol";
import {vm} from "../Vm.sol";
import {Actions} from "./Actions.sol";
import {RequestBook, SlotBook} from "./Books.sol";

/// @title Anybody does anything to anything; mostly the wrong thing
abstract contract Attempts is Actions {
  function attempt(uint256 chance) external {
    vm.assume(_slots.length > 0);
    SlotBook storage slot = _slots[_draw(chance, "slot", _slots.length)];
    address someone = _actor(chance, "someone");
    uint256 what = _draw(chance, "what", 10);
    if (what == 0) _fill(slot, someone);
    else if (what == 1) _free(slot, someone);
    else if (what == 2) _prove(slot, someone);
    else if (what == 3) _mark(slot, _period() + 1 - _draw(chance, "period", 4), someone);
    else if (what == 4) _refund(_requests[slot.request], someone);
    else if (what == 5) _withdraw(someone);
    else _attemptAgain(slot, someone, chance, what);
  }

  /// @dev By those who could, were it the time.
  function _attemptAgain(SlotBook storage slot, address someone, uint256 chance, uint256 what) private {
    RequestBook storage asked = _requests[slot.request];
    if (what == 6) _free(slot, slot.host == address(0) ? someone : slot.host);
    else if (what == 7) _refund(asked, asked.client);
    else if (what == 8) _attemptNonsense(asked, slot, someone, _draw(chance, "nonsense", 6));
    else _attemptRequest(market.getRequest(asked.id), _draw(chance, "mistake", 6));
  }

  function _attemptNonsense(RequestBook storage asked, SlotBook storage slot, address someone, uint256 which) private {
    bytes32 unknown = keccak256(abi.encode(slot.id));
    if (which == 0) _calls(someone, abi.encodeWithSelector(market.fillSlot.selector, unknown, 0, PROOF), "Unknown request");
    if (which == 1) _calls(someone, abi.encodeCall(market.fillSlot, (asked.id, asked.ask.slots, PROOF)), "Invalid slot");
    if (which == 2) _calls(someone, abi.encodeWithSelector(market.freeSlot.selector, unknown), "Slot is free");
    if (which == 3) _calls(someone, abi.encodeWithSelector(market.submitProof.selector, unknown, PROOF), "Slot is free");
    if (which == 4) _calls(someone, abi.encodeWithSelector(market.withdrawFunds.selector, unknown), "Invalid client address");
    if (which == 5 && slot.host != address(0))
      _calls(slot.host, abi.encodeCall(market.submitProof, (slot.id, "")), "Invalid proof");
  }

  /// @dev A request that was made before, and variations of it that can never work.
  function _attemptRequest(Request memory wanted, uint256 mistake) private {
    if (mistake == 0) return _request(wanted);
    wanted.nonce = keccak256(abi.encode(wanted.nonce));
    wanted.expiry = block.timestamp;
    address sender = mistake == 1 ? STRANGER : wanted.client;
    string memory refusal = "Invalid client address";
    if (mistake == 2) (wanted.ask.slots, refusal) = (0, "Invalid slots");
    if (mistake == 3) (wanted.ask.maxSlotLoss, refusal) = (wanted.ask.slots + 1, "Invalid max slot loss");
    if (mistake == 4) (wanted.ask.duration, refusal) = (0, "Invalid duration");
    if (mistake == 5) (wanted.expiry, refusal) = (block.timestamp + wanted.ask.duration, "Invalid expiry");
    _calls(sender, abi.encodeCall(market.requestStorage, (wanted)), refusal);
  }
}
