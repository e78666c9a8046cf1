// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ContractState, Offer, OpenRequest} from "../../../solidity/Offer.sol";
import {BidBook, OfferBooks, TenderBook} from "./OfferBooks.sol";

/// @title Why a market by offers has to refuse a call, by the books
/// @dev The empty reason is for a call that it must not refuse. Checks stand in the interface's order.
abstract contract OfferRefusals is OfferBooks {
  function _whyNoRequest(OpenRequest memory terms, address sender) internal view returns (string memory) {
    if (terms.client != sender) return "Invalid client address";
    if (_isKnown[terms.id()]) return "Request already exists";
    if (terms.duration == 0 || terms.duration >= 1 << 32) return "Invalid duration";
    if (terms.maxPrice >= 1 << 128) return "Invalid price";
    if (terms.expiry >= 1 << 40) return "Invalid expiry";
    if (terms.proofProbability >= 1 << 64) return "Invalid proof probability";
    return "";
  }

  function _whyNoOffer(TenderBook storage tender, Offer memory terms, address sender) internal view returns (string memory) {
    if (terms.host != sender) return "Invalid host address";
    if (_balance(sender) < _neededForOneMore(sender)) return "Insufficient collateral";
    if (!_isKnown[terms.requestId]) return "Unknown request";
    if (block.timestamp >= tender.terms.expiry) return "Request expired";
    if (terms.price > tender.terms.maxPrice) return "Price too high";
    if (_isOffered[terms.offerId()]) return "Offer already exists";
    if (terms.expiry >= 1 << 40) return "Invalid expiry";
    return "";
  }

  function _whyNoSelection(BidBook storage bid, address sender) internal view returns (string memory) {
    TenderBook storage tender = _tenders[bid.tender];
    if (block.timestamp >= bid.terms.expiry) return "Offer expired";
    if (tender.terms.client != sender) return "Only client can select offer";
    if (tender.decided) return "Offer already selected";
    if (block.timestamp >= tender.terms.expiry) return "Request expired";
    if (_balance(bid.terms.host) < _neededForOneMore(bid.terms.host)) return "Insufficient collateral";
    return "";
  }

  function _whyNoStart(BidBook storage bid, address sender) internal view returns (string memory) {
    if (bid.terms.host != sender) return "Only host can call this function";
    if (bid.state == ContractState.None) return "Offer was not selected";
    if (bid.startedAt > 0) return "Proof id already in use";
    if (block.timestamp >= _tenders[bid.tender].terms.expiry) return "Request expired";
    return "";
  }

  function _whyNoPayout(BidBook storage bid) internal view returns (string memory) {
    if (bid.state == ContractState.Failed) return bid.paid ? "Contract not started" : "";
    if (bid.state != ContractState.Started) return "Contract not started";
    return block.timestamp > bid.endsAt ? "" : "Contract has not ended yet";
  }

  function _whyNoRefund(TenderBook storage tender) internal view returns (string memory) {
    ContractState state = tender.decided ? _bids[tender.chosen].state : ContractState.None;
    if (state != ContractState.Failed && block.timestamp < tender.terms.expiry) return "Request not yet timed out";
    bool hostEarns = state == ContractState.Started || state == ContractState.Finished;
    return hostEarns || tender.refunded ? "Invalid state" : "";
  }

  function _whyNoProof(BidBook storage bid, address sender) internal view returns (string memory) {
    if (bid.startedAt == 0) return "Contract not started";
    if (bid.terms.host != sender) return "Only host can call this function";
    return _proven[_proofsOf(bid)][_period()] ? "Proof already submitted" : "";
  }

  function _whyNoMark(BidBook storage bid, uint256 period) internal view returns (string memory) {
    if (!_isRunning(bid)) return "Slot not accepting proofs";
    string memory refusal = _whyNotMissed(_proofsOf(bid), period, _drawn(bid, period));
    if (bytes(refusal).length > 0) return refusal;
    return _marked[bid.id][period] ? "Proof already marked as missing" : "";
  }
}
