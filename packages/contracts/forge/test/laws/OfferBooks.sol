// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ContractState, Offer, OfferId, OpenRequest} from "../../../solidity/Offer.sol";
import {RequestId, SlotId} from "../../../solidity/Request.sol";
import {Happening, MarketBooks} from "./MarketBooks.sol";

/// What is known of a request without asking the market.
struct TenderBook {
  RequestId id;
  OpenRequest terms;
  uint256[] bids; // where its offers stand in the books
  bool decided; // an offer was selected
  uint256 chosen; // where that offer stands
  bool refunded;
  uint256 paid; // tokens that really reached its host
  uint256 returned; // tokens that really reached its client
  OfferId seen; // the offer that was selected, by the market's own word
}

/// What is known of an offer, and of the contract that came of it, without asking the market.
struct BidBook {
  OfferId id;
  uint256 tender; // where its request stands in the books
  Offer terms;
  ContractState state;
  uint256 startedAt; // unix seconds
  uint256 endsAt; // unix seconds; when it failed, if it did
  bool paid;
  uint256 missed;
  ContractState seen; // the market's own word, when it was last asked
}

/// @title The books of a market by offers, kept by the rules alone
abstract contract OfferBooks is MarketBooks {
  TenderBook[] internal _tenders;
  BidBook[] internal _bids;
  uint256[] internal _open; // where those requests stand with which somebody still has to do
  mapping(RequestId => bool) internal _isKnown;
  mapping(OfferId => bool) internal _isOffered;
  mapping(OfferId => mapping(uint256 period => bool)) internal _marked;

  // ---- What was done

  function _bookRequest(OpenRequest memory terms) internal {
    _isKnown[terms.id()] = true;
    _open.push(_tenders.length);
    TenderBook storage tender = _tenders.push();
    tender.id = terms.id();
    tender.terms = terms;
    _accounts[terms.client].tokens -= terms.maxPrice;
  }

  function _bookOffer(TenderBook storage tender, uint256 place, Offer memory terms) internal {
    _isOffered[terms.offerId()] = true;
    tender.bids.push(_bids.length);
    BidBook storage bid = _bids.push();
    bid.id = terms.offerId();
    bid.tender = place;
    bid.terms = terms;
  }

  /// @param received how many tokens really were paid back
  function _bookSelection(BidBook storage bid, uint256 place, uint256 received) internal {
    TenderBook storage tender = _tenders[bid.tender];
    (tender.decided, tender.chosen) = (true, place);
    bid.state = ContractState.Selected;
    _accounts[bid.terms.host].held++;
    tender.returned += received;
    _accounts[tender.terms.client].tokens += tender.terms.maxPrice - bid.terms.price;
    if (tender.bids.length > 1) _tally[Happening.Outbid]++;
  }

  function _bookStart(BidBook storage bid) internal {
    bid.state = ContractState.Started;
    bid.startedAt = block.timestamp;
    bid.endsAt = block.timestamp + _tenders[bid.tender].terms.duration;
  }

  /// @param received how many tokens really were paid
  function _bookPayout(BidBook storage bid, uint256 received) internal {
    _tenders[bid.tender].paid += received;
    _accounts[bid.terms.host].tokens += _earned(bid);
    bid.paid = true;
    bool failed = bid.state == ContractState.Failed;
    _tally[failed ? Happening.PaidFailed : Happening.PaidFinished]++;
    if (!failed) _bookEnd(bid, ContractState.Finished);
  }

  /// @param received how many tokens really were paid
  function _bookRefund(TenderBook storage tender, uint256 received) internal {
    tender.returned += received;
    tender.refunded = true;
    address client = tender.terms.client;
    if (!tender.decided) {
      _accounts[client].tokens += tender.terms.maxPrice;
      _tally[Happening.RefundedUnselected]++;
      return;
    }
    BidBook storage bid = _bids[tender.chosen];
    if (bid.state == ContractState.Selected) {
      _accounts[client].tokens += bid.terms.price;
      _tally[Happening.Released]++;
      _bookEnd(bid, ContractState.Released);
    } else {
      _accounts[client].tokens += bid.terms.price - _earned(bid);
      _tally[Happening.RefundedFailed]++;
    }
  }

  function _bookMiss(BidBook storage bid, uint256 period, address marker) internal {
    _marked[bid.id][period] = true;
    bid.missed++;
    if (!_bookSlash(bid.terms.host, marker, bid.missed)) return;
    bid.endsAt = block.timestamp;
    _bookEnd(bid, ContractState.Failed);
  }

  function _bookEnd(BidBook storage bid, ContractState state) private {
    bid.state = state;
    _accounts[bid.terms.host].held--;
  }

  /// @dev Puts requests aside that are over, and with which client and host are done.
  function _bookSettlements() internal {
    for (uint256 place = _open.length; place > 0; place--) {
      if (!_isSettled(_tenders[_open[place - 1]])) continue;
      _open[place - 1] = _open[_open.length - 1];
      _open.pop();
    }
  }

  function _isSettled(TenderBook storage tender) private view returns (bool) {
    if (!tender.decided) return tender.refunded;
    BidBook storage bid = _bids[tender.chosen];
    if (bid.state == ContractState.Failed) return tender.refunded && bid.paid;
    return bid.state == ContractState.Finished || bid.state == ContractState.Released;
  }

  // ---- What follows

  /// @dev Where the offers for open requests stand.
  function _openBids() internal view returns (uint256[] memory places) {
    uint256 count;
    for (uint256 place; place < _open.length; place++) count += _tenders[_open[place]].bids.length;
    places = new uint256[](count);
    for (uint256 place; place < _open.length; place++) {
      uint256[] storage bids = _tenders[_open[place]].bids;
      for (uint256 index = bids.length; index > 0; index--) places[--count] = bids[index - 1];
    }
  }

  /// @dev Whether a selection can be made.
  function _isUndecided(TenderBook storage tender) internal view returns (bool) {
    return !tender.decided && block.timestamp < tender.terms.expiry;
  }

  function _isRunning(BidBook storage bid) internal view returns (bool) {
    return bid.state == ContractState.Started && block.timestamp <= bid.endsAt;
  }

  /// @dev Tokens, for a contract that has started.
  function _earned(BidBook storage bid) internal view returns (uint256) {
    return (bid.terms.price * (bid.endsAt - bid.startedAt)) / _tenders[bid.tender].terms.duration;
  }

  /// @dev By a contract, or by an offer for a request that is undecided.
  function _isLocked(address host) internal view override returns (bool) {
    if (_accounts[host].held > 0) return true;
    for (uint256 place; place < _open.length; place++) {
      TenderBook storage tender = _tenders[_open[place]];
      if (!_isUndecided(tender)) continue;
      for (uint256 index; index < tender.bids.length; index++)
        if (_bids[tender.bids[index]].terms.host == host) return true;
    }
    return false;
  }

  // ---- Proofs

  /// @dev Whether chance asks for a proof, were it not for the downtime. Neither the period of the start has one, nor that of
  /// the end.
  function _drawn(BidBook storage bid, uint256 period) internal view returns (bool) {
    bool within = period > bid.startedAt / _proofs.period && period < bid.endsAt / _proofs.period;
    return _isRunning(bid) && within && _isChosen(_proofsOf(bid), period, _tenders[bid.tender].terms.proofProbability);
  }

  /// @dev The id that the proofs of its contract have.
  function _proofsOf(BidBook storage bid) internal view returns (SlotId) {
    return SlotId.wrap(OfferId.unwrap(bid.id));
  }
}
