// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Offer, OfferId, OpenRequest} from "../../../solidity/Offer.sol";
import {RequestId, SlotId} from "../../../solidity/Request.sol";
import {vm} from "../Vm.sol";
import {OfferActions} from "./OfferActions.sol";
import {BidBook, TenderBook} from "./OfferBooks.sol";

/// @title Anybody does anything to anything by offers; mostly the wrong thing
abstract contract OfferAttempts is OfferActions {
  function attempt(uint256 chance) external {
    vm.assume(_bids.length > 0);
    // one of the last, of which more can still be expected
    uint256 place = _bids.length - 1 - _draw(chance, "bid", _bids.length < 8 ? _bids.length : 8);
    BidBook storage bid = _bids[place];
    address someone = _actor(chance, "someone");
    uint256 what = _draw(chance, "what", 14);
    if (what == 0) _select(place, someone);
    else if (what == 1) _start(bid, someone);
    else if (what == 2) _finish(bid, someone);
    else if (what == 3) _refund(_tenders[bid.tender], someone);
    else if (what == 4) _prove(bid, someone);
    else if (what == 5) _mark(bid, _period() + 1 - _draw(chance, "period", 4), someone);
    else if (what == 6) _withdraw(someone);
    else _attemptAgain(place, someone, chance, what);
  }

  /// @dev By those who could, were it the time.
  function _attemptAgain(uint256 place, address someone, uint256 chance, uint256 what) private {
    BidBook storage bid = _bids[place];
    if (what == 7) _select(place, _clientOf(bid));
    else if (what == 8) _start(bid, bid.terms.host);
    else if (what == 9) _prove(bid, bid.terms.host);
    else if (what == 10) _refund(_tenders[_draw(chance, "request", _tenders.length)], someone);
    else if (what == 11) _attemptNonsense(bid, someone, _draw(chance, "nonsense", 7));
    else if (what == 12) _attemptOffer(bid, _draw(chance, "mistake", 6));
    else _attemptRequest(_tenders[bid.tender].terms, _draw(chance, "mistake", 7));
  }

  function _attemptNonsense(BidBook storage bid, address someone, uint256 which) private {
    bytes32 unknown = keccak256(abi.encode(bid.id));
    (OfferId contractId, SlotId proofId) = (OfferId.wrap(unknown), SlotId.wrap(unknown));
    if (which == 0) _calls(someone, abi.encodeCall(market.selectOffer, (contractId)), "Unknown offer");
    if (which == 1) _calls(someone, abi.encodeCall(market.startContract, (contractId)), "Only host can call this function");
    if (which == 2) _calls(someone, abi.encodeCall(market.finishContract, (contractId)), "Contract not started");
    if (which == 3) _calls(someone, abi.encodeCall(market.withdrawFunds, (RequestId.wrap(unknown))), "Unknown request");
    if (which == 4) _calls(someone, abi.encodeCall(market.submitProof, (proofId, PROOF)), "Contract not started");
    if (which == 5) _calls(someone, abi.encodeCall(market.markProofAsMissing, (proofId, 0)), "Slot not accepting proofs");
    if (which == 6 && bid.startedAt > 0)
      _calls(bid.terms.host, abi.encodeCall(market.submitProof, (_proofsOf(bid), "")), "Invalid proof");
  }

  /// @dev An offer that was made before, and variations of it that can rarely work.
  function _attemptOffer(BidBook storage bid, uint256 mistake) private {
    Offer memory terms = bid.terms;
    address sender = terms.host;
    if (mistake == 1) sender = STRANGER;
    if (mistake == 2) (sender, terms.host) = (STRANGER, STRANGER);
    if (mistake == 3) terms.requestId = RequestId.wrap(keccak256(abi.encode(terms.requestId)));
    if (mistake == 4) terms.price = _tenders[bid.tender].terms.maxPrice + 1;
    if (mistake == 5) terms.expiry = 1 << 40;
    _offer(bid.tender, terms, sender);
  }

  /// @dev A request that was made before, and variations of it that can never work.
  function _attemptRequest(OpenRequest memory terms, uint256 mistake) private {
    if (mistake > 0) terms.nonce = keccak256(abi.encode(terms.nonce));
    if (mistake == 2) terms.duration = 0;
    if (mistake == 3) terms.duration = 1 << 32;
    if (mistake == 4) terms.maxPrice = 1 << 128;
    if (mistake == 5) terms.expiry = 1 << 40;
    if (mistake == 6) terms.proofProbability = 1 << 64;
    _request(terms, mistake == 1 ? STRANGER : terms.client);
  }
}
