// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketplaceOptions} from "../../solidity/Configuration.sol";
import {IMarket} from "../../solidity/IMarket.sol";
import {IOfferMarket} from "../../solidity/IOfferMarket.sol";
import {Offer, OfferId, OpenRequest} from "../../solidity/Offer.sol";
import {SlotId} from "../../solidity/Request.sol";
import {Ground} from "./Ground.sol";
import {vm} from "./Vm.sol";

/// @title A market by offers, its requests and offers
abstract contract OfferBed is Ground {
  IOfferMarket internal market;
  uint256 private _nonce;

  function _createMarket() internal override {
    market = _deploy();
  }

  function _market() internal view override returns (IMarket) {
    return market;
  }

  /// @dev What is slashed is burnt, but for the marker's fifth; one deposit is enough for all contracts.
  function _deploy() internal virtual returns (IOfferMarket) {
    return IOfferMarket(_deployVerified("OfferMarket", MarketplaceOptions(address(0), 20, false)));
  }

  /// @dev Proven in every period, for 1,000 seconds and at most 9,000 tokens. To start within 100.
  function _newRequest(address client) internal returns (OpenRequest memory) {
    return OpenRequest(client, 1_000, 1 << 30, keccak256("content"), 1, 9_000, block.timestamp + 100, bytes32(++_nonce));
  }

  function _post(OpenRequest memory request) internal {
    _fund(request.client, request.maxPrice);
    vm.prank(request.client);
    market.requestStorage(request);
  }

  /// @dev An offer that can be selected until the request expires.
  function _newOffer(address host, OpenRequest memory request, uint256 price) internal pure returns (Offer memory) {
    return Offer(host, request.id(), price, request.expiry);
  }

  /// @dev The host has to have collateral.
  function _offer(Offer memory offer) internal returns (OfferId) {
    vm.prank(offer.host);
    market.offerStorage(offer);
    return offer.offerId();
  }

  function _select(address client, OfferId id) internal {
    vm.prank(client);
    market.selectOffer(id);
  }

  function _start(address host, OfferId id) internal {
    vm.prank(host);
    market.startContract(id);
  }

  /// @dev The id that an offer's proofs have.
  function _proofsOf(OfferId id) internal pure returns (SlotId) {
    return SlotId.wrap(OfferId.unwrap(id));
  }
}
