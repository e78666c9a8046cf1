// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bid, Tender} from "./Bid.sol";
import {IOfferMarket} from "./IOfferMarket.sol";
import {Market} from "./Market.sol";
import {ContractState, Offer, OfferId, OpenRequest} from "./Offer.sol";
import {OpenRequestCode} from "./OpenRequestCode.sol";
import {RequestId} from "./Request.sol";

/// @title Open requests, the offers for them, and the collateral that these lock
/// @dev A host's collateral is locked by the contracts that it holds, and by its offers for requests that are open.
abstract contract Bids is IOfferMarket, Market {
  uint256 private constant _MAX_LOCKS = 128;

  uint32 private _requestCount;
  mapping(RequestId => Tender) internal _tenders;
  mapping(OfferId => Bid) internal _bids;
  mapping(address => uint32[]) private _locks; // requests for which the host has offered, by number; not all are open

  function getRequest(RequestId requestId) external view returns (OpenRequest memory request) {
    uint32 number = _tenders[requestId].number;
    if (number != 0) request = OpenRequestCode.load(number);
  }

  function getOffer(OfferId offerId) external view returns (Offer memory offer) {
    Bid storage bid = _bids[offerId];
    if (bid.host != address(0)) offer = Offer(bid.host, OpenRequestCode.load(bid.request).id(), bid.price, bid.expiry);
  }

  function selectedOffer(RequestId requestId) external view returns (OfferId) {
    return _tenders[requestId].selected;
  }

  function contractState(OfferId offerId) external view returns (ContractState) {
    return _bids[offerId].state;
  }

  function proofEnd(OfferId offerId) external view returns (uint256) {
    return _bids[offerId].endsAt;
  }

  function _isLocked(address host) internal view override returns (bool) {
    if (super._isLocked(host)) return true;
    uint32[] memory locks = _locks[host];
    for (uint256 i = 0; i < locks.length; ++i) if (_isOpen(locks[i])) return true;
    return false;
  }

  function _addRequest(RequestId requestId, OpenRequest calldata request) internal {
    uint32 number = ++_requestCount;
    OpenRequestCode.store(number, request);
    _tenders[requestId].number = number;
  }

  function _addBid(OfferId offerId, Offer calldata offer, Tender storage tender) internal {
    uint32 number = tender.number;
    Bid storage bid = _bids[offerId];
    bid.host = offer.host;
    bid.request = number;
    bid.expiry = uint40(offer.expiry);
    bid.price = uint128(offer.price);
    if (tender.selected.isNone()) _lock(offer.host, number);
  }

  function _lock(address host, uint32 number) private {
    uint32[] memory held = _locks[host];
    for (uint256 i = 0; i < held.length; ++i) if (held[i] == number) return;
    uint32[] storage locks = _locks[host];
    if (held.length == _MAX_LOCKS) _dropClosed(locks);
    require(locks.length < _MAX_LOCKS, "Max locks reached");
    locks.push(number);
  }

  function _dropClosed(uint32[] storage locks) private {
    uint256 kept = 0;
    while (kept < locks.length) {
      if (_isOpen(locks[kept])) {
        ++kept;
      } else {
        locks[kept] = locks[locks.length - 1];
        locks.pop();
      }
    }
  }

  /// @dev Whether an offer for the request can still be selected.
  function _isOpen(uint32 number) private view returns (bool) {
    OpenRequest memory request = OpenRequestCode.load(number);
    return block.timestamp < request.expiry && _tenders[request.id()].selected.isNone();
  }
}
