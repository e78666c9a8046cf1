// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Account} from "./Account.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";
import {Requests} from "./Requests.sol";
import {Slot, Tenure} from "./Slot.sol";

/// @title Slots and their hosts
abstract contract Slots is Requests {
  mapping(SlotId => Slot) internal _slots;

  function slotState(SlotId slotId) public view returns (SlotState) {
    Slot storage slot = _slots[slotId];
    if (slot.tenure == Tenure.None) return SlotState.Free;
    if (slot.tenure == Tenure.Paid) return SlotState.Paid;

    Terms memory terms = RequestCode.loadTerms(slot.request);
    RequestState state = _stateOf(_progress[terms.id], terms);
    if (_isOpen(state)) return SlotState.Filled;
    return state == RequestState.Failed ? SlotState.Failed : SlotState.Finished;
  }

  function getHost(SlotId slotId) external view returns (address) {
    return _slots[slotId].host;
  }

  function getActiveSlot(SlotId slotId) external view returns (Request memory request, uint256 slotIndex) {
    Slot memory slot = _occupied(slotId);
    return (RequestCode.load(slot.request), slot.index);
  }

  function mySlots() external view returns (SlotId[] memory ids) {
    ids = new SlotId[](_accounts[msg.sender].slots);
    uint48 key = _accounts[msg.sender].newestSlot;
    for (uint256 i = 0; i < ids.length; ++i) {
      ids[i] = _slotIdOf(key);
      key = _slots[ids[i]].older;
    }
  }

  function _occupied(SlotId slotId) internal view returns (Slot memory slot) {
    slot = _slots[slotId];
    require(slot.tenure != Tenure.None, "Slot is free");
  }

  /// @dev Puts a slot into the list of its host. The caller saves both.
  function _list(Slot memory slot, Account memory host) internal {
    slot.older = host.newestSlot;
    slot.newer = 0;
    if (slot.older != 0) _slots[_slotIdOf(slot.older)].newer = slot.key();
    host.newestSlot = slot.key();
    host.slots += 1;
  }

  /// @dev Takes a slot out of the list of its host, whom it no longer ties up. It stays on record as the host's.
  function _unlist(Slot memory slot) internal {
    Account memory host = _accounts[slot.host];
    if (slot.newer == 0) host.newestSlot = slot.older;
    else _slots[_slotIdOf(slot.newer)].older = slot.older;
    if (slot.older != 0) _slots[_slotIdOf(slot.older)].newer = slot.newer;
    host.slots -= 1;
    host.save(_accounts[slot.host]);
  }

  function _slotIdOf(uint48 key) private view returns (SlotId) {
    return RequestCode.idOf(key >> 16).slotId(uint16(key));
  }
}
