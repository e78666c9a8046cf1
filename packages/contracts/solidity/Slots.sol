// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {Requests} from "./Requests.sol";

/// @title Slots and their hosts
abstract contract Slots is Requests {
  using EnumerableSet for EnumerableSet.Bytes32Set;

  struct Slot {
    SlotState state; // as last written; `slotState` adds what the request's state has changed
    RequestId requestId; // zero while the slot is free
    uint256 slotIndex;
    address host;
  }

  mapping(SlotId => Slot) internal _slots;
  mapping(address host => EnumerableSet.Bytes32Set) private _slotsOf;

  function slotState(SlotId slotId) public view returns (SlotState) {
    Slot storage slot = _slots[slotId];
    if (RequestId.unwrap(slot.requestId) == 0) return SlotState.Free;
    if (slot.state == SlotState.Paid) return SlotState.Paid;

    RequestState request = requestState(slot.requestId);
    if (request == RequestState.Cancelled || request == RequestState.Finished) return SlotState.Finished;
    if (request == RequestState.Failed) return SlotState.Failed;
    return slot.state;
  }

  function getHost(SlotId slotId) public view returns (address) {
    return _slots[slotId].host;
  }

  function getActiveSlot(SlotId slotId) external view returns (Request memory request, uint256 slotIndex) {
    Slot storage slot = _occupied(slotId);
    return (_requests[slot.requestId], slot.slotIndex);
  }

  function mySlots() external view returns (SlotId[] memory ids) {
    bytes32[] memory raw = _slotsOf[msg.sender].values();
    assembly ("memory-safe") {
      ids := raw // the same words; the compiler cannot convert arrays of them
    }
  }

  function _occupied(SlotId slotId) internal view returns (Slot storage slot) {
    slot = _slots[slotId];
    require(slot.state != SlotState.Free, "Slot is free");
  }

  function _hasSlots(address host) internal view returns (bool) {
    return _slotsOf[host].length() > 0;
  }

  function _occupy(SlotId slotId, address host) internal {
    Slot storage slot = _slots[slotId];
    slot.state = SlotState.Filled;
    slot.host = host;
    _slotsOf[host].add(SlotId.unwrap(slotId));
  }

  /// @dev The slot no longer ties up its host; it stays on record as the host's.
  function _release(SlotId slotId) internal {
    _slotsOf[_slots[slotId].host].remove(SlotId.unwrap(slotId));
  }

  /// @dev The slot can be filled anew.
  function _vacate(SlotId slotId) internal {
    _release(slotId);
    Slot storage slot = _slots[slotId];
    slot.state = SlotState.Free;
    slot.requestId = RequestId.wrap(0);
    slot.host = address(0);
  }
}
