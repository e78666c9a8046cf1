// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Ground, ITestToken} from "./Ground.sol";
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
abstract contract Trader is Ground, ITrader {
  uint256 internal constant FORTUNE = 1_000_000;

  uint256 private _depth; // how deep it still answers; zero: it is honest
  uint256 private _accepted; // calls from within calls

  function _newToken() internal virtual override returns (ITestToken) {
    return ITestToken(address(new CallingToken(this)));
  }

  /// @dev He has money, and the market money of somebody else.
  function setUp() public virtual override {
    super.setUp();
    token.mint(address(this), FORTUNE);
    token.approve(address(_market()), FORTUNE * FORTUNE);
    _deposit(HOST, 1_000);
  }

  function calledBack() external {
    if (_depth == 0) return;
    _depth--;
    _accepted += _callAll();
    _depth++;
  }

  function test_aDepositCountsBeforeItIsPulled() external {
    _depth = 3;
    _market().deposit(50);
    vm.assertEq(_market().balanceOf(address(this)), 1, "from within it was withdrawn, and then one was deposited");
    _hasWhatIsHis();
  }

  function test_collateralIsGivenBackOnce() external {
    _market().deposit(100);
    _attack();
    _hasWhatIsHis();
  }

  function _attack() internal {
    _depth = 3;
    _callAll();
    _depth = 0;
  }

  /// @dev Calls the market with all that moves money, in an order in which each call is accepted where it can be repeated
  /// from within. Answers how many were accepted.
  function _callAll() internal virtual returns (uint256 accepted) {
    accepted += _call(abi.encodeCall(_market().withdraw, ()));
    accepted += _call(abi.encodeCall(_market().deposit, (1)));
  }

  function _call(bytes memory call) internal returns (uint256) {
    (bool accepted, ) = address(_market()).call(call);
    return accepted ? 1 : 0;
  }

  /// @dev Tokens in the market that others brought.
  function _ofOthers() internal view virtual returns (uint256);

  function _hasWhatIsHis() internal view {
    _has(FORTUNE);
  }

  /// @dev Of his fortune and what others lost to him; the rest of it is in the market for good reasons.
  function _has(uint256 wealth) internal view {
    vm.assertTrue(_accepted > 0, "calls within calls were accepted");
    uint256 collateral = _market().balanceOf(address(this));
    vm.assertEq(token.balanceOf(address(this)) + collateral, wealth, "as client and host he has what is his");
    uint256 others = _ofOthers() + FORTUNE - wealth;
    vm.assertEq(token.balanceOf(address(_market())), others + collateral, "the money of others is where it was");
  }
}
