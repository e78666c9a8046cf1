// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bid, Tender} from "./Bid.sol";
import {Bids} from "./Bids.sol";
import {MarketplaceConfig, MarketplaceOptions} from "./Configuration.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {Market} from "./Market.sol";
import {ContractState, Offer, OfferId, OpenRequest, offerOf} from "./Offer.sol";
import {OpenRequestCode} from "./OpenRequestCode.sol";
import {PROOF_SAMPLES, PROOF_SCHEME} from "./ProofScheme.sol";
import {ProofParameters, RequestId, SlotId} from "./Request.sol";
import {VerifiedProofs} from "./VerifiedProofs.sol";

/// @title The storage market by offers
/// @dev To the verifier the data is the second of two slots. The first is the digest of its manifest, in place of a slot root.
contract OfferMarket is Bids, VerifiedProofs {
  uint256 private constant _SLOTS = 2;
  uint256 private constant _SLOT_INDEX = 1;

  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_,
    IProofVerifier verifier_,
    MarketplaceOptions memory options_
  ) Market(token_, config_, options_) VerifiedProofs(verifier_) {}

  function requestStorage(OpenRequest calldata request) external {
    require(request.client == msg.sender, "Invalid client address");
    RequestId requestId = request.id();
    require(_tenders[requestId].number == 0, "Request already exists");
    OpenRequestCode.check(request);
    bool isProvable = verifier.canVerify(_SLOTS, request.size, _parameters(request.contentHash));
    require(isProvable, "Invalid proof parameters");

    _addRequest(requestId, request);
    _pull(msg.sender, request.maxPrice);
    emit StorageRequested(requestId, request);
  }

  function offerStorage(Offer calldata offer) external {
    require(offer.host == msg.sender, "Invalid host address");
    require(_coversOneMore(_accounts[msg.sender]), "Insufficient collateral");
    Tender storage tender = _tenders[offer.requestId];
    require(tender.number != 0, "Unknown request");
    OpenRequest memory request = OpenRequestCode.load(tender.number);
    require(request.expiry > block.timestamp, "Request expired");
    require(offer.price <= request.maxPrice, "Price too high");
    OfferId offerId = offer.offerId();
    require(_bids[offerId].host == address(0), "Offer already exists");
    require(offer.expiry <= type(uint40).max, "Invalid expiry");

    _addBid(offerId, offer, tender);
    emit StorageOffered(offerId, offer, offer.requestId);
  }

  function selectOffer(OfferId offerId) external {
    Bid memory bid = _bids[offerId];
    require(bid.host != address(0), "Unknown offer");
    require(bid.expiry > block.timestamp, "Offer expired");
    OpenRequest memory request = OpenRequestCode.load(bid.request);
    require(request.client == msg.sender, "Only client can select offer");
    RequestId requestId = request.id();
    require(_tenders[requestId].selected.isNone(), "Offer already selected");
    require(request.expiry > block.timestamp, "Request expired");
    require(_coversOneMore(_accounts[bid.host]), "Insufficient collateral");

    _tenders[requestId].selected = offerId;
    _bids[offerId].state = ContractState.Selected;
    _accounts[bid.host].slots += 1;
    emit OfferSelected(offerId, requestId);
    _send(msg.sender, request.maxPrice - bid.price, "Withdraw failed");
  }

  function startContract(OfferId offerId) external {
    Bid storage bid = _bids[offerId];
    require(bid.host == msg.sender, "Only host can call this function");
    require(bid.state != ContractState.None, "Offer was not selected");
    require(bid.startedAt == 0, "Proof id already in use");
    OpenRequest memory request = OpenRequestCode.load(bid.request);
    // released only after the expiry
    require(request.expiry > block.timestamp, "Request expired");

    bid.state = ContractState.Started;
    bid.startedAt = uint40(block.timestamp);
    bid.endsAt = uint40(block.timestamp + request.duration);
    emit ContractStarted(offerId);
  }

  function finishContract(OfferId offerId) external {
    Bid memory bid = _bids[offerId];
    bool hasFailed = bid.state == ContractState.Failed;
    require(hasFailed ? !bid.isPaid : bid.state == ContractState.Started, "Contract not started");
    require(hasFailed || block.timestamp > bid.endsAt, "Contract has not ended yet");

    _bids[offerId].isPaid = true;
    if (!hasFailed) {
      _end(offerId, bid.host, ContractState.Finished);
      emit ContractFinished(offerId);
    }
    _send(bid.host, _earned(bid, OpenRequestCode.load(bid.request)), "Payment failed");
  }

  function withdrawFunds(RequestId requestId) external {
    Tender memory tender = _tenders[requestId];
    require(tender.number != 0, "Unknown request");
    OpenRequest memory request = OpenRequestCode.load(tender.number);
    Bid memory bid = _bids[tender.selected];
    bool hasFailed = bid.state == ContractState.Failed;
    require(hasFailed || block.timestamp >= request.expiry, "Request not yet timed out");
    bool hasStarted = bid.state == ContractState.Started || bid.state == ContractState.Finished;
    require(!hasStarted && !tender.isRefunded, "Invalid state");

    _tenders[requestId].isRefunded = true;
    if (bid.state == ContractState.Selected) _end(tender.selected, bid.host, ContractState.Released);
    uint256 left = tender.selected.isNone() ? request.maxPrice : bid.price - _earned(bid, request);
    _send(request.client, left, "Withdraw failed");
  }

  function submitProof(SlotId id, bytes calldata proof) external {
    Bid storage bid = _bids[offerOf(id)];
    require(bid.startedAt != 0, "Contract not started");
    require(bid.host == msg.sender, "Only host can call this function");
    OpenRequest memory request = OpenRequestCode.load(bid.request);
    ProofParameters memory parameters = _parameters(request.contentHash);
    bool isProven = _isVerified(id, _SLOT_INDEX, _SLOTS, request.size, parameters, proof);
    bid.proofs = _logProof(bid.proofs, id, proof, isProven);
  }

  /// @dev A period that is over while the contract runs cannot be its last, in which no proof is due.
  function markProofAsMissing(SlotId id, uint256 period) external {
    Bid memory bid = _bids[offerOf(id)];
    bool isRunning = bid.state == ContractState.Started && block.timestamp <= bid.endsAt;
    require(isRunning, "Slot not accepting proofs");

    uint256 probability = OpenRequestCode.load(bid.request).proofProbability;
    bid.proofs = _logMiss(bid.proofs, id, period, bid.startedAt, probability);
    _bids[offerOf(id)].proofs = bid.proofs;
    if (_slash(bid.host, msg.sender, bid.proofs.missed())) {
      _bids[offerOf(id)].endsAt = uint40(block.timestamp);
      _end(offerOf(id), bid.host, ContractState.Failed);
      emit ContractFailed(offerOf(id));
    }
  }

  function missingProofs(SlotId id) external view returns (uint256) {
    return _bids[offerOf(id)].proofs.missed();
  }

  /// @dev In the last period, in which the contract ends, no proof is due.
  function _proofTerms(SlotId id) internal view override returns (uint256 start, uint256 probability) {
    Bid storage bid = _bids[offerOf(id)];
    if (bid.state != ContractState.Started || _currentPeriod() >= _periodOf(bid.endsAt)) return (0, 0);
    return (bid.startedAt, OpenRequestCode.load(bid.request).proofProbability);
  }

  /// @dev The host holds the contract no longer.
  function _end(OfferId offerId, address host, ContractState state) private {
    _bids[offerId].state = state;
    _accounts[host].slots -= 1;
  }

  /// @dev What the host gets when the contract is over: the price, or its share for the time stored.
  function _earned(Bid memory bid, OpenRequest memory request) private pure returns (uint256) {
    return (uint256(bid.price) * (bid.endsAt - bid.startedAt)) / request.duration;
  }

  function _parameters(bytes32 contentHash) private pure returns (ProofParameters memory) {
    return ProofParameters(bytes.concat(contentHash), abi.encodePacked(PROOF_SAMPLES), bytes(PROOF_SCHEME));
  }
}
