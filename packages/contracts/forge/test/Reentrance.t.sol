// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Request, RequestId, RequestState} from "../../solidity/Request.sol";
import {Bed} from "./Bed.sol";
import {Ground, ITestToken} from "./Ground.sol";
import {Trader} from "./Trader.sol";
import {vm} from "./Vm.sol";

/// @title The trader in a market at a fixed price
contract Reentrance is Bed, Trader {
  Request[] private _requests;
  uint256 private _ofStrangers; // tokens

  function setUp() public override(Ground, Trader) {
    super.setUp();
    for (uint256 count; count < 5; count++) {
      Request memory request = _newRequest(STRANGER);
      _post(request);
      _ofStrangers += request.ask.price();
    }
  }

  function _newToken() internal override(Ground, Trader) returns (ITestToken) {
    return super._newToken();
  }

  function test_aCancelledRequestIsPaidAndRepaidOnce() external {
    _trade(3);
    _skip(101);
    _collect(RequestState.Cancelled);
  }

  function test_aFinishedRequestIsPaidAndRepaidOnce() external {
    _trade(4);
    for (uint256 each; each < 2; each++) market.freeSlot(_idOf(each).slotId(0));
    _skip(1_001);
    _collect(RequestState.Finished);
  }

  function test_aFailedRequestIsPaidAndRepaidOnce() external {
    _trade(4);
    _skip(200);
    for (uint256 lost; lost < 6; lost++) market.freeSlot(_idOf(lost % 2).slotId(lost / 2));
    _collect(RequestState.Failed);
  }

  // ---- Scenes

  /// @dev Two requests, each with so many slots of its own: posted whenever it can be done, kept honestly.
  function _trade(uint256 slots) private {
    for (uint256 each; each < 2; each++) _requests.push(_newRequest(address(this)));
    _attack();
    market.deposit(100);
    for (uint256 other; other < 8; other++) _keepAnother(); // lists that closing twice does not exhaust
    _fillAll(address(this), _idOf(0), slots);
    _fillAll(address(this), _idOf(1), slots);
  }

  function _collect(RequestState ending) private {
    vm.assertTrue(market.requestState(_idOf(0)) == ending && market.requestState(_idOf(1)) == ending, "so they end");
    vm.warp(block.timestamp + 1_000); // the expiry of what has failed is past
    _attack();
    vm.assertEq(market.mySlots().length, 8, "all slots but the others");
    vm.assertEq(market.myRequests().length, 8, "all requests but the others");
    _hasWhatIsHis();
  }

  /// @dev A request that is free of charge, with a slot; neither is collected.
  function _keepAnother() private {
    Request memory request = _newRequest(address(this));
    request.ask.reward = 0;
    market.requestStorage(request);
    market.fillSlot(request.id(), 0, PROOF);
  }

  function _callAll() internal override returns (uint256 accepted) {
    for (uint256 each; each < _requests.length; each++) {
      accepted += _call(abi.encodeCall(market.requestStorage, (_requests[each])));
      RequestId id = _idOf(each);
      accepted += _call(abi.encodeCall(market.withdrawFunds, (id)));
      for (uint256 index; index < 4; index++) accepted += _call(abi.encodeCall(market.freeSlot, (id.slotId(index))));
    }
    accepted += super._callAll();
  }

  function _ofOthers() internal view override returns (uint256) {
    return 1_000 + _ofStrangers;
  }

  function _idOf(uint256 each) private view returns (RequestId) {
    return _requests[each].id();
  }
}
