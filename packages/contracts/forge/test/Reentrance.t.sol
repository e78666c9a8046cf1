// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Request, RequestId, RequestState} from "../../solidity/Request.sol";
import {Bed, ITestMarketplace, ITestToken} from "./Bed.sol";
import {vm} from "./Vm.sol";

interface ITrader {
  function calledBack() external;
}

/// @dev Calls the trader before and after each move of tokens from or to it.
contract CallingToken is ERC20("", "") {
  ITrader private immutable _trader;

  constructor(ITrader trader) {
    _trader = trader;
  }

  function mint(address to, uint256 amount) external {
    super._update(address(0), to, amount);
  }

  function _update(address from, address to, uint256 amount) internal override {
    bool calls = from == address(_trader) || to == address(_trader);
    if (calls) _trader.calledBack();
    super._update(from, to, amount);
    if (calls) _trader.calledBack();
  }
}

/// @title Who is called in the midst of a payment gets what is his, and no more
/// @dev This contract is client and host. Called by the token, it calls all that moves money, and so on, three deep.
contract Reentrance is Bed, ITrader {
  uint256 private constant FORTUNE = 1_000_000;

  Request[] private _requests;
  uint256 private _depth; // how deep it still answers; zero: it is honest
  uint256 private _accepted; // calls from within calls

  function setUp() public override {
    super.setUp();
    token = ITestToken(address(new CallingToken(this)));
    market = ITestMarketplace(_deploy());
    token.mint(address(this), FORTUNE);
    token.approve(address(market), FORTUNE * FORTUNE);
    _deposit(HOST, 1_000);
    for (uint256 count; count < 5; count++) _post(_newRequest(STRANGER));
  }

  function calledBack() external {
    if (_depth == 0) return;
    _depth--;
    _accepted += _callAll();
    _depth++;
  }

  function test_aDepositCountsBeforeItIsPulled() external {
    _depth = 3;
    market.deposit(50);
    vm.assertEq(market.balanceOf(address(this)), 1, "from within it was withdrawn, and then one was deposited");
    _hasWhatIsHis();
  }

  function test_collateralIsGivenBackOnce() external {
    market.deposit(100);
    _attack();
    _hasWhatIsHis();
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

  function _attack() private {
    _depth = 3;
    _callAll();
    _depth = 0;
  }

  /// @dev The number of calls that were accepted. In this order each of them is accepted where it can be repeated from within.
  function _callAll() private returns (uint256 accepted) {
    for (uint256 each; each < _requests.length; each++) {
      accepted += _call(abi.encodeCall(market.requestStorage, (_requests[each])));
      RequestId id = _idOf(each);
      accepted += _call(abi.encodeCall(market.withdrawFunds, (id)));
      for (uint256 index; index < 4; index++) accepted += _call(abi.encodeCall(market.freeSlot, (id.slotId(index))));
    }
    accepted += _call(abi.encodeCall(market.withdraw, ()));
    accepted += _call(abi.encodeCall(market.deposit, (1)));
  }

  function _call(bytes memory call) private returns (uint256) {
    (bool accepted, ) = address(market).call(call);
    return accepted ? 1 : 0;
  }

  function _hasWhatIsHis() private {
    vm.assertTrue(_accepted > 0, "calls within calls were accepted");
    uint256 collateral = market.balanceOf(address(this));
    vm.assertEq(token.balanceOf(address(this)) + collateral, FORTUNE, "as client and host he has what he had");
    uint256 others = 1_000 + 5 * _newRequest(STRANGER).ask.price();
    vm.assertEq(token.balanceOf(address(market)), others + collateral, "the money of others is where it was");
  }

  function _idOf(uint256 each) private view returns (RequestId) {
    return _requests[each].id();
  }
}
