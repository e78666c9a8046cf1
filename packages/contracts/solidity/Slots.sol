// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofLog} from "./ProofLog.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";
import {Requests} from "./Requests.sol";

/// @title Slots and their hosts
abstract contract Slots is Requests {
  enum Tenure {
    None, // free
    Early, // filled before the request started
    Late, // filled, or refilled, after the request had started
    Paid // over, and the host was paid
  }

  /// @dev Two words. Slots are linked by key: which slot of which request.
  struct Slot {
    address host;
    uint32 request; // its number
    uint16 index;
    uint40 filledAt; // unix seconds; proofs are due from the next period on
    Tenure tenure;
    ProofLog proofs; // here begins the second word
    uint48 older; // neighbours in the list of the host's slots
    uint48 newer;
  }

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
    Slot storage slot = _occupied(slotId);
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

  function _occupied(SlotId slotId) internal view returns (Slot storage slot) {
    slot = _slots[slotId];
    require(slot.tenure != Tenure.None, "Slot is free");
  }

  function _occupy(Slot storage slot, uint32 request, uint16 index, address host, Tenure tenure) internal {
    Account storage account = _accounts[host];
    uint48 older = account.newestSlot;
    uint48 key = _key(request, index);
    if (older != 0) _slots[_slotIdOf(older)].newer = key;
    account.newestSlot = key;
    account.slots += 1;
    (slot.host, slot.request, slot.index, slot.tenure) = (host, request, index, tenure);
    slot.filledAt = uint40(block.timestamp);
    (slot.older, slot.newer) = (older, 0);
  }

  /// @dev The slot no longer ties up its host; it stays on record as the host's.
  function _release(Slot storage slot) internal {
    Account storage account = _accounts[slot.host];
    (uint48 older, uint48 newer) = (slot.older, slot.newer);
    if (newer == 0) account.newestSlot = older;
    else _slots[_slotIdOf(newer)].older = older;
    if (older != 0) _slots[_slotIdOf(older)].newer = newer;
    account.slots -= 1;
  }

  function _key(uint32 request, uint16 index) private pure returns (uint48) {
    return (uint48(request) << 16) | index;
  }

  function _slotIdOf(uint48 key) private view returns (SlotId) {
    return RequestCode.idOf(key >> 16).slotId(uint16(key));
  }
}
