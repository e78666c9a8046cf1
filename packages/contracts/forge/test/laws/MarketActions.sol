// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SlotId} from "../../../solidity/Request.sol";
import {Ground} from "../Ground.sol";
import {vm} from "../Vm.sol";
import {Happening, MarketBooks} from "./MarketBooks.sol";

/// @title What accounts do in any market
/// @dev Every action picks who and what by chance among those for whom it is possible, and is discarded when there is none.
/// So most of them succeed, save `attempt`: it does anything to anything, and is mostly refused. Every call to the market is
/// foretold by the books: whether it is refused, and why.
abstract contract MarketActions is Ground, MarketBooks {
  string internal constant LAW_9 = "law 9: what the rules allow is never refused, what they forbid always, with its reason";
  uint256 internal constant MAX_OPEN_REQUESTS = 3;

  address[] internal _actors;

  function deposit(uint256 chance) external {
    _deposit(_draw(chance, "amount", 3 * _collateral.initialAmount), _actor(chance, "host"));
  }

  function withdraw(uint256 chance) external {
    address account = _actor(chance, "host");
    for (uint256 step; step < _actors.length && _isLocked(account); step++) account = _actors[step];
    vm.assume(!_isLocked(account));
    _withdraw(account);
  }

  function pass(uint256 chance) external {
    _passTo(block.timestamp + 1 + _draw(chance, "seconds", 3 * _proofs.period));
    vm.roll(block.number + 1 + _draw(chance, "blocks", 300));
  }

  function donate(uint256 chance) external {
    uint256 amount = _draw(chance, "amount", 1_000);
    token.mint(address(_market()), amount);
    _donated += amount;
  }

  // ---- Calls to the market, each as the books foretell it

  function _deposit(uint256 amount, address account) internal {
    _mint(account, amount);
    _calls(account, abi.encodeCall(_market().deposit, amount), "");
    _bookDeposit(account, amount);
  }

  function _withdraw(address account) internal {
    string memory refusal = _isLocked(account) ? "Account locked" : "";
    _calls(account, abi.encodeCall(_market().withdraw, ()), refusal);
    if (bytes(refusal).length == 0) _bookWithdrawal(account);
  }

  /// @dev As `_calls`; answers how many tokens the payee got.
  function _pays(address payee, address sender, bytes memory call, string memory refusal) internal returns (uint256) {
    uint256 before = token.balanceOf(payee);
    _calls(sender, call, refusal);
    return token.balanceOf(payee) - before;
  }

  function _calls(address sender, bytes memory call, string memory refusal) internal {
    vm.prank(sender);
    (bool ok, bytes memory answer) = address(_market()).call(call);
    if (ok) _observe();
    vm.assertEq(_reason(ok, answer), refusal, LAW_9);
    _tally[ok ? Happening.Accepted : Happening.Refused]++;
  }

  function _mint(address account, uint256 amount) internal {
    token.mint(account, amount);
    _accounts[account].tokens += amount;
  }

  function _passTo(uint256 time) internal {
    vm.warp(time);
    _observe();
  }

  /// @dev Is told of every call that was accepted, before the books are, and of the time that passes.
  function _observe() internal virtual;

  // ---- Choice

  function _depositForOneMore(address host) internal {
    uint256 needed = _neededForOneMore(host);
    if (_balance(host) < needed) _deposit(needed - _balance(host), host);
  }

  /// @dev Goes on to a block in which the proof of a past period is demanded; at most four challenges on.
  function _awaitDemand(SlotId id, uint256 period, uint256 probability) internal {
    for (uint256 challenges; challenges < 4; challenges++) {
      if (_isInDowntime(id, period)) vm.roll(block.number + _proofs.downtime - _pointer(id, period));
      if (_isChosen(id, period, probability)) return;
      vm.roll(block.number + 256 - _pointer(id, period));
    }
  }

  /// @dev One of those that suit, by where it stands in the books. Discards the action when there is none.
  function _some(
    uint256 chance,
    uint256[] memory places,
    function(uint256) view returns (bool) suits
  ) internal view returns (uint256 place) {
    vm.assume(places.length > 0);
    uint256 offset = _draw(chance, "which", places.length);
    place = places[offset];
    for (uint256 step = 1; !suits(place); step++) {
      vm.assume(step < places.length);
      place = places[(offset + step) % places.length];
    }
  }

  function _actor(uint256 chance, string memory role) internal view returns (address) {
    return _actors[_draw(chance, role, _actors.length)];
  }
}
