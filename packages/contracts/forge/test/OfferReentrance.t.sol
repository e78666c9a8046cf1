// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, ProofConfig} from "../../solidity/Configuration.sol";
import {ContractState, Offer, OfferId, OpenRequest} from "../../solidity/Offer.sol";
import {Ground, ITestToken} from "./Ground.sol";
import {OfferBed} from "./OfferBed.sol";
import {Trader} from "./Trader.sol";
import {vm} from "./Vm.sol";

/// @title The trader in a market by offers
contract OfferReentrance is OfferBed, Trader {
  OpenRequest[] private _requests;
  Offer[] private _offers;
  OfferId private _neglected; // a contract whose host missed
  uint256 private _missed; // this period

  function setUp() public override(Ground, Trader) {
    super.setUp();
    for (uint256 count; count < 5; count++) _post(_newRequest(STRANGER));
  }

  function _newToken() internal override(Ground, Trader) returns (ITestToken) {
    return super._newToken();
  }

  function test_aRequestThatIsExpiredWhenItIsMadeIsRepaidOnce() external {
    _request(0);
    _has(FORTUNE);
  }

  function test_aRequestForWhichNobodyOffersIsRepaidOnce() external {
    _request(100);
    _skip(100);
    _attack();
    _has(FORTUNE);
  }

  function test_ofTwoOffersOneIsSelectedAndTheDifferencePaidBackOnce() external {
    _request(100);
    _offerAll();
    uint256 collateral = market.balanceOf(address(this));
    _attack();
    for (uint256 each; each < 2; each++) {
      vm.assertTrue(_stateOf(2 * each) == ContractState.Started, "the first offer is selected and started");
      vm.assertTrue(_stateOf(2 * each + 1) == ContractState.None, "the second is not");
    }
    vm.assertTrue(market.balanceOf(address(this)) > collateral, "no collateral was withdrawn, and some deposited");
    _has(FORTUNE - 8_000);
  }

  function test_aRequestWhoseHostDoesNotStartIsRepaidOnce() external {
    _sign();
    _skip(100);
    _attack();
    _ended(ContractState.Released);
    _has(FORTUNE);
  }

  function test_aFinishedContractIsPaidOnce() external {
    _signAndStart();
    _skip(1_001);
    _attack();
    _ended(ContractState.Finished);
    _has(FORTUNE);
  }

  function test_aFailedContractIsPaidAndRepaidOnce() external {
    _signAndStart();
    uint256 collateral = market.balanceOf(address(this));
    for (uint256 each; each < 2; each++) _miss(STRANGER, _proofsOf(_offers[2 * each].offerId()));
    uint256 lost = collateral - market.balanceOf(address(this));
    _attack();
    _ended(ContractState.Failed);
    _has(FORTUNE - lost);
  }

  /// @dev The contract, for 4,000 tokens, goes on.
  function test_aMissIsRewardedOnce() external {
    OpenRequest memory request = _newRequest(address(this));
    market.requestStorage(request);
    _neglected = _offer(_newOffer(HOST, request, 4_000));
    market.selectOffer(_neglected);
    _start(HOST, _neglected);
    _missed = block.timestamp / 10 + 1;
    vm.warp((_missed + 1) * 10 + 1);
    _attack();
    vm.assertEq(market.balanceOf(HOST), 300, "the host was slashed once");
    _has(FORTUNE - 4_000 + 140);
  }

  // ---- Scenes

  /// @dev Two requests, made whenever it can be done.
  function _request(uint256 openSeconds) private {
    for (uint256 each; each < 2; each++) {
      OpenRequest memory request = _newRequest(address(this));
      request.expiry = block.timestamp + openSeconds;
      _requests.push(request);
    }
    _attack();
  }

  /// @dev Two offers for each request, made honestly.
  function _offerAll() private {
    market.deposit(100);
    for (uint256 each; each < 4; each++) {
      _offers.push(_newOffer(address(this), _requests[each / 2], 4_000 + 2_000 * (each % 2)));
      _offer(_offers[each]);
    }
  }

  function _sign() private {
    _request(100);
    _offerAll();
    for (uint256 other; other < 8; other++) _signAnother(); // a count that ending twice does not exhaust
    for (uint256 each; each < 2; each++) market.selectOffer(_offers[2 * each].offerId());
  }

  /// @dev A contract that is free of charge, and does not start.
  function _signAnother() private {
    OpenRequest memory request = _newRequest(address(this));
    request.maxPrice = 0;
    market.requestStorage(request);
    market.selectOffer(_offer(_newOffer(address(this), request, 0)));
  }

  function _signAndStart() private {
    _sign();
    for (uint256 each; each < 2; each++) market.startContract(_offers[2 * each].offerId());
  }

  function _ended(ContractState state) private view {
    for (uint256 each; each < 2; each++) vm.assertTrue(_stateOf(2 * each) == state, "so the contracts end");
  }

  function _stateOf(uint256 offer) private view returns (ContractState) {
    return market.contractState(_offers[offer].offerId());
  }

  function _callAll() internal override returns (uint256 accepted) {
    for (uint256 each; each < _requests.length; each++) {
      accepted += _call(abi.encodeCall(market.requestStorage, (_requests[each])));
      accepted += _call(abi.encodeCall(market.withdrawFunds, (_requests[each].id())));
    }
    for (uint256 each; each < _offers.length; each++) {
      OfferId id = _offers[each].offerId();
      accepted += _call(abi.encodeCall(market.selectOffer, (id)));
      accepted += _call(abi.encodeCall(market.startContract, (id)));
      accepted += _call(abi.encodeCall(market.finishContract, (id)));
    }
    accepted += super._callAll();
    if (_missed > 0) accepted += _call(abi.encodeCall(market.markProofAsMissing, (_proofsOf(_neglected), _missed)));
  }

  function _ofOthers() internal pure override returns (uint256) {
    return 1_000 + 5 * 9_000;
  }

  /// @dev A miss costs most of the collateral, and can be marked at once.
  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 1, 70), ProofConfig(10, 50, 0));
  }
}
