// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Collateral} from "./Collateral.sol";
import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "./Configuration.sol";
import {Escrow} from "./Escrow.sol";
import {ProofLog} from "./ProofLog.sol";
import {Proofs} from "./Proofs.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";
import {Slots} from "./Slots.sol";

/// @title The storage market: requests, slots, proofs and payment come together here
/// @dev What a proof has to be is left to the contracts that are made of this one.
abstract contract StorageMarket is Slots, Proofs {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_,
    MarketplaceOptions memory options_
  ) Escrow(token_) Collateral(config_.collateral, options_) Proofs(config_.proofs) {}

  function config() external view returns (CollateralConfig memory collateral, ProofConfig memory proofs) {
    collateral = CollateralConfig(_initialAmount, _minimumAmount, _slashCriterion, _slashPercentage);
    proofs = ProofConfig(_periodLength, _timeout, _downtime);
  }

  function requestStorage(Request calldata request) external {
    require(request.client == msg.sender, "Invalid client address");
    RequestId id = request.id();
    require(_progress[id].number == 0, "Request already exists");
    RequestCode.check(request);
    require(_isProvable(request), "Invalid proof parameters");

    _addRequest(id, request);
    _pull(msg.sender, request.ask.price());
    emit StorageRequested(id, request.ask);
  }

  function fillSlot(RequestId requestId, uint256 slotIndex, bytes calldata proof) external {
    Progress memory progress = _known(requestId);
    Terms memory terms = RequestCode.loadTerms(progress.number);
    require(slotIndex < terms.slots, "Invalid slot");
    SlotId slotId = requestId.slotId(slotIndex);
    Slot storage slot = _slots[slotId];
    require(_isOpen(_stateOf(progress, terms)) && slot.tenure == Tenure.None, "Slot is not free");
    require(_coversOneMore(_accounts[msg.sender]), "Insufficient collateral");

    bool isEarly = progress.state == RequestState.New;
    _occupy(slot, progress.number, uint16(slotIndex), msg.sender, isEarly ? Tenure.Early : Tenure.Late);
    slot.proofs = _acceptProof(slotId, slot, proof).forgetMissed();
    emit SlotFilled(requestId, slotIndex, slotId);

    progress.slotsFilled += 1;
    progress.storedSeconds += uint48(terms.end - block.timestamp);
    if (isEarly) progress.earlySeconds += uint48(block.timestamp - terms.createdAt);
    if (progress.slotsFilled == terms.slots) {
      progress.state = RequestState.Started;
      emit RequestFulfilled(requestId);
    }
    _progress[requestId] = progress;
  }

  function freeSlot(SlotId slotId) external {
    Slot storage slot = _occupied(slotId);
    require(slot.host == msg.sender, "Slot filled by other host");
    require(slot.tenure != Tenure.Paid, "Already paid");
    Terms memory terms = RequestCode.loadTerms(slot.request);
    Progress memory progress = _progress[terms.id];
    if (_isOpen(_stateOf(progress, terms))) _loseSlot(slotId, slot, progress, terms);
    else _payOut(slot, progress, terms);
  }

  function withdrawFunds(RequestId requestId) external {
    Progress memory progress = _progress[requestId];
    require(progress.number != 0, "Invalid client address");
    Terms memory terms = RequestCode.loadTerms(progress.number);
    require(block.timestamp > terms.expiry, "Request not yet timed out");
    require(terms.client == msg.sender, "Invalid client address");
    RequestState state = _stateOf(progress, terms);
    require(!_isOpen(state) && !progress.isClosed, "Invalid state");
    uint256 refund = _refund(progress, terms, state);
    require(state != RequestState.Finished || refund > 0, "Invalid state");

    _close(progress, msg.sender);
    _progress[requestId] = progress;
    if (state == RequestState.Cancelled) emit RequestCancelled(requestId);
    _send(msg.sender, refund, "Withdraw failed");
  }

  function submitProof(SlotId slotId, bytes calldata proof) external {
    Slot storage slot = _occupied(slotId);
    require(slot.host == msg.sender, "Slot filled by other host");
    slot.proofs = _acceptProof(slotId, slot, proof);
  }

  function markProofAsMissing(SlotId slotId, uint256 period) external {
    Slot storage slot = _slots[slotId];
    require(slot.tenure == Tenure.Early || slot.tenure == Tenure.Late, "Slot not accepting proofs");
    Terms memory terms = RequestCode.loadTerms(slot.request);
    Progress memory progress = _progress[terms.id];
    require(_isOpen(_stateOf(progress, terms)), "Slot not accepting proofs");

    ProofLog proofs = _logMiss(slot.proofs, slotId, period, slot.filledAt, terms.proofProbability);
    slot.proofs = proofs;
    bool isSlashed = proofs.missed() % _slashCriterion == 0;
    if (isSlashed && _slash(slot.host, msg.sender)) _loseSlot(slotId, slot, progress, terms);
  }

  function missingProofs(SlotId slotId) external view returns (uint256) {
    return _slots[slotId].proofs.missed();
  }

  /// @dev Whether proofs of such a request could be verified at all.
  function _isProvable(Request calldata request) internal view virtual returns (bool);

  /// @dev Whether the proof answers the challenge of this moment.
  function _isProven(SlotId slotId, Slot storage slot, bytes calldata proof) internal view virtual returns (bool);

  /// @dev The slot's log with this proof.
  function _acceptProof(SlotId slotId, Slot storage slot, bytes calldata proof) private returns (ProofLog proofs) {
    require(_isProven(slotId, slot, proof), "Invalid proof");
    proofs = _logProof(slot.proofs);
    emit ProofSubmitted(slotId, proof);
  }

  /// @dev Takes a slot from its host before the end. A request that has started can bear to lose so many at a time.
  function _loseSlot(SlotId slotId, Slot storage slot, Progress memory progress, Terms memory terms) internal {
    uint256 filledAt = slot.filledAt;
    progress.slotsFilled -= 1;
    progress.storedSeconds -= uint48(terms.end - filledAt);
    if (slot.tenure == Tenure.Early) progress.earlySeconds -= uint48(filledAt - terms.createdAt);
    _release(slot);
    slot.tenure = Tenure.None;
    slot.host = address(0);
    emit SlotFreed(terms.id, slotId);

    bool isLost = terms.slots - progress.slotsFilled > terms.maxSlotLoss;
    if (isLost && progress.state == RequestState.Started) {
      progress.state = RequestState.Failed;
      progress.failedAfter = uint32(block.timestamp - terms.createdAt);
      emit RequestFailed(terms.id);
    }
    _progress[terms.id] = progress;
  }

  /// @dev Pays the host of a slot whose request is over.
  function _payOut(Slot storage slot, Progress memory progress, Terms memory terms) private {
    RequestState state = _stateOf(progress, terms);
    uint256 pay = _earnedSeconds(slot, progress, terms, state) * terms.reward;
    _release(slot);
    slot.tenure = Tenure.Paid;
    if (state == RequestState.Finished && !progress.isClosed && _refund(progress, terms, state) == 0) {
      _close(progress, terms.client);
      _progress[terms.id] = progress;
    }
    _send(msg.sender, pay, "Payment failed");
  }

  function _earnedSeconds(
    Slot storage slot,
    Progress memory progress,
    Terms memory terms,
    RequestState state
  ) private view returns (uint256) {
    uint256 filledAt = slot.filledAt;
    if (state == RequestState.Cancelled) return terms.expiry - filledAt;
    if (state == RequestState.Failed) return terms.createdAt + progress.failedAfter - filledAt;
    return slot.tenure == Tenure.Early ? terms.duration : terms.end - filledAt;
  }

  function _proofTerms(SlotId slotId) internal view override returns (uint256 start, uint256 probability) {
    if (slotState(slotId) != SlotState.Filled) return (0, 0);
    Slot storage slot = _slots[slotId];
    return (slot.filledAt, RequestCode.loadTerms(slot.request).proofProbability);
  }
}
