// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Account} from "./Account.sol";
import {MarketplaceConfig, MarketplaceOptions} from "./Configuration.sol";
import {Market} from "./Market.sol";
import {Progress} from "./Progress.sol";
import {Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";
import {Slot, Tenure} from "./Slot.sol";
import {Slots} from "./Slots.sol";

/// @title The storage market: requests, slots, proofs and payment come together here
/// @dev What a proof has to be is left to the contracts that are made of this one.
abstract contract StorageMarket is Slots {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_,
    MarketplaceOptions memory options_
  ) Market(token_, config_, options_) {}

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
    Slot memory slot = _slots[slotId];
    require(_isOpen(_stateOf(progress, terms)) && slot.tenure == Tenure.None, "Slot is not free");
    Account memory host = _accounts[msg.sender];
    require(_coversOneMore(host), "Insufficient collateral");

    bool isEarly = progress.state == RequestState.New;
    slot.host = msg.sender;
    slot.request = progress.number;
    slot.index = uint16(slotIndex);
    slot.filledAt = uint40(block.timestamp);
    slot.tenure = isEarly ? Tenure.Early : Tenure.Late;
    slot.proofs = slot.proofs.forgetMissed();
    _acceptProof(slotId, slot, proof);
    _list(slot, host);
    slot.save(_slots[slotId]);
    host.save(_accounts[msg.sender]);
    emit SlotFilled(requestId, slotIndex, slotId);

    progress.slotsFilled += 1;
    progress.storedSeconds += uint48(terms.end - block.timestamp);
    if (isEarly) progress.earlySeconds += uint48(block.timestamp - terms.createdAt);
    if (progress.slotsFilled == terms.slots) {
      progress.state = RequestState.Started;
      emit RequestFulfilled(requestId);
    }
    progress.save(_progress[requestId]);
  }

  function freeSlot(SlotId slotId) external {
    Slot memory slot = _occupied(slotId);
    require(slot.host == msg.sender, "Slot filled by other host");
    require(slot.tenure != Tenure.Paid, "Already paid");
    Terms memory terms = RequestCode.loadTerms(slot.request);
    Progress memory progress = _progress[terms.id];
    if (_isOpen(_stateOf(progress, terms))) _loseSlot(slotId, slot, progress, terms);
    else _payOut(slotId, slot, progress, terms);
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
    progress.save(_progress[requestId]);
    if (state == RequestState.Cancelled) emit RequestCancelled(requestId);
    _send(msg.sender, refund, "Withdraw failed");
  }

  function submitProof(SlotId slotId, bytes calldata proof) external {
    Slot memory slot = _occupied(slotId);
    require(slot.host == msg.sender, "Slot filled by other host");
    _acceptProof(slotId, slot, proof);
    _slots[slotId].proofs = slot.proofs;
  }

  function markProofAsMissing(SlotId slotId, uint256 period) external {
    Slot memory slot = _slots[slotId];
    require(slot.tenure == Tenure.Early || slot.tenure == Tenure.Late, "Slot not accepting proofs");
    Terms memory terms = RequestCode.loadTerms(slot.request);
    Progress memory progress = _progress[terms.id];
    require(_isOpen(_stateOf(progress, terms)), "Slot not accepting proofs");

    slot.proofs = _logMiss(slot.proofs, slotId, period, slot.filledAt, terms.proofProbability);
    _slots[slotId].proofs = slot.proofs;
    if (_slash(slot.host, msg.sender, slot.proofs.missed())) _loseSlot(slotId, slot, progress, terms);
  }

  function missingProofs(SlotId slotId) external view returns (uint256) {
    return _slots[slotId].proofs.missed();
  }

  /// @dev Whether proofs of such a request could be verified at all.
  function _isProvable(Request calldata request) internal view virtual returns (bool);

  /// @dev Whether the proof answers the challenge of this moment.
  function _isProven(SlotId slotId, Slot memory slot, bytes calldata proof) internal view virtual returns (bool);

  /// @dev Writes the proof into the slot's log. The caller saves it.
  function _acceptProof(SlotId slotId, Slot memory slot, bytes calldata proof) private {
    slot.proofs = _logProof(slot.proofs, slotId, proof, _isProven(slotId, slot, proof));
  }

  /// @dev Takes a slot from its host before the end. A request that has started can bear to lose so many at a time.
  function _loseSlot(SlotId slotId, Slot memory slot, Progress memory progress, Terms memory terms) internal {
    progress.slotsFilled -= 1;
    progress.storedSeconds -= uint48(terms.end - slot.filledAt);
    if (slot.tenure == Tenure.Early) progress.earlySeconds -= uint48(slot.filledAt - terms.createdAt);
    _unlist(slot);
    slot.tenure = Tenure.None;
    slot.host = address(0);
    slot.save(_slots[slotId]);
    emit SlotFreed(terms.id, slotId);

    bool isLost = terms.slots - progress.slotsFilled > terms.maxSlotLoss;
    if (isLost && progress.state == RequestState.Started) {
      progress.state = RequestState.Failed;
      progress.failedAfter = uint32(block.timestamp - terms.createdAt);
      emit RequestFailed(terms.id);
    }
    progress.save(_progress[terms.id]);
  }

  /// @dev Pays the host of a slot whose request is over.
  function _payOut(SlotId slotId, Slot memory slot, Progress memory progress, Terms memory terms) private {
    RequestState state = _stateOf(progress, terms);
    uint256 pay = _earnedSeconds(slot, progress, terms, state) * terms.reward;
    _unlist(slot);
    slot.tenure = Tenure.Paid;
    slot.save(_slots[slotId]);
    if (state == RequestState.Finished && !progress.isClosed && _refund(progress, terms, state) == 0) {
      _close(progress, terms.client);
      progress.save(_progress[terms.id]);
    }
    _send(msg.sender, pay, "Payment failed");
  }

  function _earnedSeconds(
    Slot memory slot,
    Progress memory progress,
    Terms memory terms,
    RequestState state
  ) private pure returns (uint256) {
    if (state == RequestState.Cancelled) return terms.expiry - slot.filledAt;
    if (state == RequestState.Failed) return terms.createdAt + progress.failedAfter - slot.filledAt;
    return slot.tenure == Tenure.Early ? terms.duration : terms.end - slot.filledAt;
  }

  function _proofTerms(SlotId slotId) internal view override returns (uint256 start, uint256 probability) {
    if (slotState(slotId) != SlotState.Filled) return (0, 0);
    Slot storage slot = _slots[slotId];
    return (slot.filledAt, RequestCode.loadTerms(slot.request).proofProbability);
  }
}
