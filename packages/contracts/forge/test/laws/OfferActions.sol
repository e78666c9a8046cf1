// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Offer, OpenRequest} from "../../../solidity/Offer.sol";
import {OfferBed} from "../OfferBed.sol";
import {vm} from "../Vm.sol";
import {MarketActions} from "./MarketActions.sol";
import {BidBook, TenderBook} from "./OfferBooks.sol";
import {OfferRefusals} from "./OfferRefusals.sol";

/// @title What clients, hosts and markers do by offers, in any order
abstract contract OfferActions is OfferBed, MarketActions, OfferRefusals {
  // ---- Clients

  /// @dev For 1 to 30 periods. Some have expired already, some pay nothing.
  function request(uint256 chance) external {
    _bookSettlements();
    vm.assume(_open.length < MAX_OPEN_REQUESTS);
    address client = _actor(chance, "client");
    _request(
      OpenRequest({
        client: client,
        duration: 1 + _draw(chance, "duration", 30 * _proofs.period),
        size: _draw(chance, "size", 1 << 30),
        contentHash: bytes32(chance),
        proofProbability: _draw(chance, "probability", 5),
        maxPrice: _draw(chance, "free of charge", 8) == 0 ? 0 : 1 + _draw(chance, "price", 100_000),
        expiry: block.timestamp + _draw(chance, "expiry", 30 * _proofs.period) - 1,
        nonce: bytes32(chance)
      }),
      client
    );
  }

  /// @dev Half of the hosts look after their collateral before; the others may have too little by now.
  function select(uint256 chance) external {
    uint256 place = _some(chance, _openBids(), _isSelectable);
    if (_draw(chance, "looks", 2) == 0) _depositForOneMore(_bids[place].terms.host);
    _select(place, _clientOf(_bids[place]));
  }

  function refund(uint256 chance) external {
    _refund(_tenders[_some(chance, _open, _isRefundable)], _actor(chance, "anyone"));
  }

  // ---- Hosts

  function offer(uint256 chance) external {
    _offerFor(_some(chance, _open, _isOpen), chance);
  }

  /// @dev A host offers, is selected, and mostly starts at once.
  function agree(uint256 chance) external {
    _offerFor(_some(chance, _open, _isOpen), chance);
    uint256 place = _bids.length - 1;
    if (!_isSelectable(place)) return;
    _select(place, _clientOf(_bids[place]));
    if (_draw(chance, "starts", 4) > 0) _start(_bids[place], _bids[place].terms.host);
  }

  function start(uint256 chance) external {
    BidBook storage bid = _bids[_some(chance, _openBids(), _isStartable)];
    _start(bid, bid.terms.host);
  }

  function collect(uint256 chance) external {
    _finish(_bids[_some(chance, _openBids(), _isPayable)], _actor(chance, "anyone"));
  }

  // ---- Proofs

  function prove(uint256 chance) external {
    BidBook storage bid = _bids[_some(chance, _openBids(), _isProvable)];
    _prove(bid, bid.terms.host);
  }

  /// @dev A host misses up to eight periods on end, which someone tells: often until its contract fails.
  function neglect(uint256 chance) external {
    BidBook storage bid = _bids[_some(chance, _openBids(), _isNeglectable)];
    address marker = _actor(chance, "marker");
    for (uint256 misses = _draw(chance, "misses", 8) + 1; misses > 0; misses--) {
      uint256 period = _period() + 1;
      _passTo((period + 1) * _proofs.period + 1);
      _awaitDemand(_proofsOf(bid), period, _tenders[bid.tender].terms.proofProbability);
      if (!_isRunning(bid)) return;
      _mark(bid, period, marker);
    }
  }

  // ---- Time

  /// @dev To a second before, at, or after a time that matters to a request. Then someone tries what that time decides.
  function passTo(uint256 chance) external {
    vm.assume(_open.length > 0);
    TenderBook storage tender = _tenders[_open[_draw(chance, "request", _open.length)]];
    if (tender.bids.length == 0) {
      _passAround(chance, tender.terms.expiry);
      return _refund(tender, tender.terms.client);
    }
    uint256 place = tender.bids[_draw(chance, "bid", tender.bids.length)];
    BidBook storage bid = _bids[place];
    uint256 what = _draw(chance, "what", 5);
    _passAround(chance, bid.startedAt > 0 ? bid.endsAt : what == 0 ? bid.terms.expiry : tender.terms.expiry);
    if (what < 2) _select(place, tender.terms.client);
    else if (what == 2) _start(bid, bid.terms.host);
    else if (what == 3) _finish(bid, bid.terms.host);
    else _refund(tender, tender.terms.client);
  }

  function _passAround(uint256 chance, uint256 time) private {
    time = time + _draw(chance, "offset", 3) - 1;
    vm.assume(time > block.timestamp);
    _passTo(time);
    vm.roll(block.number + 1);
  }

  // ---- Calls to the market, each as the books foretell it

  function _request(OpenRequest memory terms, address sender) internal {
    string memory refusal = _whyNoRequest(terms, sender);
    if (bytes(refusal).length == 0) _mint(sender, terms.maxPrice);
    _calls(sender, abi.encodeCall(market.requestStorage, (terms)), refusal);
    if (bytes(refusal).length == 0) _bookRequest(terms);
  }

  /// @param place where the request stands in the books
  function _offer(uint256 place, Offer memory terms, address sender) internal {
    string memory refusal = _whyNoOffer(_tenders[place], terms, sender);
    _calls(sender, abi.encodeCall(market.offerStorage, (terms)), refusal);
    if (bytes(refusal).length == 0) _bookOffer(_tenders[place], place, terms);
  }

  /// @param place where the offer stands in the books
  function _select(uint256 place, address sender) internal {
    BidBook storage bid = _bids[place];
    string memory refusal = _whyNoSelection(bid, sender);
    uint256 received = _pays(_clientOf(bid), sender, abi.encodeCall(market.selectOffer, (bid.id)), refusal);
    if (bytes(refusal).length == 0) _bookSelection(bid, place, received);
  }

  function _start(BidBook storage bid, address sender) internal {
    string memory refusal = _whyNoStart(bid, sender);
    _calls(sender, abi.encodeCall(market.startContract, (bid.id)), refusal);
    if (bytes(refusal).length == 0) _bookStart(bid);
  }

  function _finish(BidBook storage bid, address sender) internal {
    string memory refusal = _whyNoPayout(bid);
    uint256 received = _pays(bid.terms.host, sender, abi.encodeCall(market.finishContract, (bid.id)), refusal);
    if (bytes(refusal).length == 0) _bookPayout(bid, received);
  }

  function _refund(TenderBook storage tender, address sender) internal {
    string memory refusal = _whyNoRefund(tender);
    bytes memory call = abi.encodeCall(market.withdrawFunds, (tender.id));
    uint256 received = _pays(tender.terms.client, sender, call, refusal);
    if (bytes(refusal).length == 0) _bookRefund(tender, received);
  }

  function _prove(BidBook storage bid, address sender) internal {
    string memory refusal = _whyNoProof(bid, sender);
    _calls(sender, abi.encodeCall(market.submitProof, (_proofsOf(bid), PROOF)), refusal);
    if (bytes(refusal).length == 0) _proven[_proofsOf(bid)][_period()] = true;
  }

  function _mark(BidBook storage bid, uint256 period, address marker) internal {
    string memory refusal = _whyNoMark(bid, period);
    _calls(marker, abi.encodeCall(market.markProofAsMissing, (_proofsOf(bid), period)), refusal);
    if (bytes(refusal).length == 0) _bookMiss(bid, period, marker);
  }

  // ---- Choice

  /// @dev Most offers can be selected for some time; some never could.
  function _offerFor(uint256 place, uint256 chance) private {
    TenderBook storage tender = _tenders[place];
    address host = _actor(chance, "host");
    _depositForOneMore(host);
    uint256 price = _draw(chance, "price", tender.terms.maxPrice + 1);
    _offer(place, Offer(host, tender.id, price, block.timestamp + _draw(chance, "expiry", 10 * _proofs.period)), host);
  }

  function _clientOf(BidBook storage bid) internal view returns (address) {
    return _tenders[bid.tender].terms.client;
  }

  function _isOpen(uint256 place) private view returns (bool) {
    return _isUndecided(_tenders[place]);
  }

  function _isRefundable(uint256 place) private view returns (bool) {
    return bytes(_whyNoRefund(_tenders[place])).length == 0;
  }

  /// @dev If its host has enough collateral.
  function _isSelectable(uint256 place) private view returns (bool) {
    BidBook storage bid = _bids[place];
    return block.timestamp < bid.terms.expiry && _isUndecided(_tenders[bid.tender]);
  }

  function _isStartable(uint256 place) private view returns (bool) {
    BidBook storage bid = _bids[place];
    return bytes(_whyNoStart(bid, bid.terms.host)).length == 0;
  }

  function _isNeglectable(uint256 place) private view returns (bool) {
    return _isRunning(_bids[place]);
  }

  function _isProvable(uint256 place) private view returns (bool) {
    return _isRunning(_bids[place]) && !_proven[_proofsOf(_bids[place])][_period()];
  }

  function _isPayable(uint256 place) private view returns (bool) {
    return bytes(_whyNoPayout(_bids[place])).length == 0;
  }
}
