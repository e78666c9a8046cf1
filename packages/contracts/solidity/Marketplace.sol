// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Collateral} from "./Collateral.sol";
import {CollateralConfig, MarketplaceConfig, ProofConfig} from "./Configuration.sol";
import {Escrow} from "./Escrow.sol";
import {Proofs} from "./Proofs.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {Treasury} from "./Treasury.sol";

/// @title The storage market: requests, slots, proofs and payment come together here
contract Marketplace is Escrow, Collateral, Proofs {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_
  ) Treasury(token_) Collateral(config_.collateral) Proofs(config_.proofs) {}

  function config() external view returns (CollateralConfig memory collateral, ProofConfig memory proofs) {
    collateral = CollateralConfig(_initialAmount, _minimumAmount, _slashCriterion, _slashPercentage);
    proofs = ProofConfig(_periodLength, _timeout, _downtime);
  }

  function requestStorage(Request calldata request) external fundsAddUp {
    require(request.client == msg.sender, "Invalid client address");
    RequestId id = request.id();
    require(!_exists(id), "Request already exists");

    _addRequest(id, request);
    _receive(msg.sender, request.ask.price());
    emit StorageRequested(id, request.ask);
  }

  function fillSlot(RequestId requestId, uint256 slotIndex, bytes calldata proof) external known(requestId) {
    Request storage request = _requests[requestId];
    require(slotIndex < request.ask.slots, "Invalid slot");

    // bound to its request first, so that a slot of an ended request is not free
    SlotId slotId = requestId.slotId(slotIndex);
    Slot storage slot = _slots[slotId];
    slot.requestId = requestId;
    slot.slotIndex = slotIndex;
    require(slotState(slotId) == SlotState.Free, "Slot is not free");
    require(balanceOf(msg.sender) >= _initialAmount, "Insufficient collateral");

    _watch(slotId, request.ask.proofProbability);
    submitProof(slotId, proof);
    _occupy(slotId, msg.sender);
    emit SlotFilled(requestId, slotIndex, slotId);

    Progress storage progress = _progress[requestId];
    progress.slotsFilled += 1;
    if (progress.slotsFilled == request.ask.slots) {
      progress.state = RequestState.Started;
      emit RequestFulfilled(requestId);
    }
  }

  function freeSlot(SlotId slotId) external {
    require(_occupied(slotId).host == msg.sender, "Slot filled by other host");
    SlotState state = slotState(slotId);
    require(state != SlotState.Paid, "Already paid");

    if (state == SlotState.Finished) _payOut(slotId);
    else if (state == SlotState.Failed) _release(slotId);
    else _loseSlot(slotId);
  }

  function markProofAsMissing(SlotId slotId, uint256 period) external {
    require(slotState(slotId) == SlotState.Filled, "Slot not accepting proofs");
    _countMissingProof(slotId, period);

    if (missingProofs(slotId) % _slashCriterion == 0) {
      address host = getHost(slotId);
      _slash(host);
      if (balanceOf(host) < _minimumAmount) _loseSlot(slotId);
    }
  }

  function withdrawFunds(RequestId requestId) external fundsAddUp {
    Request storage request = _requests[requestId];
    require(block.timestamp > request.expiry, "Request not yet timed out");
    require(request.client == msg.sender, "Invalid client address");
    require(_progress[requestId].state == RequestState.New, "Invalid state");

    _closeRequest(requestId, RequestState.Cancelled);
    emit RequestCancelled(requestId);
    _send(msg.sender, request.ask.price(), "Withdraw failed");
  }

  /// @dev Takes a slot from its host before the end. A request that has started can bear to lose so many at a time.
  function _loseSlot(SlotId slotId) internal fundsAddUp {
    RequestId requestId = _slots[slotId].requestId;
    _vacate(slotId);
    Progress storage progress = _progress[requestId];
    progress.slotsFilled -= 1;
    emit SlotFreed(requestId, slotId);

    Request storage request = _requests[requestId];
    bool isLost = request.ask.slots - progress.slotsFilled > request.ask.maxSlotLoss;
    if (isLost && progress.state == RequestState.Started) {
      progress.state = RequestState.Failed;
      progress.endsAt = block.timestamp - 1;
      emit RequestFailed(requestId);
    }
  }

  /// @dev The full price, however late the slot was filled.
  function _payOut(SlotId slotId) private fundsAddUp {
    Slot storage slot = _slots[slotId];
    _closeRequest(slot.requestId, RequestState.Finished);
    _release(slotId);
    slot.state = SlotState.Paid;
    _send(slot.host, _requests[slot.requestId].ask.pricePerSlot(), "Payment failed");
  }
}
