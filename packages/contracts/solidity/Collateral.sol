// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig} from "./Configuration.sol";
import {Slots} from "./Slots.sol";
import {Treasury} from "./Treasury.sol";

/// @title The hosts' money, one balance for each account
/// @dev What is slashed stays in the contract for ever.
abstract contract Collateral is Treasury, Slots {
  struct Totals {
    uint256 deposited;
    uint256 balance;
    uint256 withdrawn;
    uint256 slashed;
  }

  uint256 internal immutable _initialAmount;
  uint256 internal immutable _minimumAmount;
  uint256 internal immutable _slashCriterion;
  uint256 internal immutable _slashPercentage;

  Totals private _totals;
  mapping(address account => uint256) private _balances;

  constructor(CollateralConfig memory rules) {
    _initialAmount = rules.initialAmount;
    _minimumAmount = rules.minimumAmount;
    _slashCriterion = rules.slashCriterion;
    _slashPercentage = rules.slashPercentage;
  }

  /// @dev No collateral appears or disappears.
  modifier collateralAddsUp() {
    Totals memory before = _totals;
    _;
    Totals memory totals = _totals;
    assert(totals.deposited >= before.deposited);
    assert(totals.withdrawn >= before.withdrawn);
    assert(totals.slashed >= before.slashed);
    assert(totals.deposited == totals.balance + totals.withdrawn + totals.slashed);
  }

  function balanceOf(address account) public view returns (uint256) {
    return _balances[account];
  }

  function deposit(uint256 amount) external collateralAddsUp {
    _pull(msg.sender, amount);
    _totals.deposited += amount;
    _credit(msg.sender, amount);
  }

  function withdraw() external collateralAddsUp {
    require(!_hasSlots(msg.sender), "Account locked");
    uint256 amount = _balances[msg.sender];
    _totals.withdrawn += amount;
    _debit(msg.sender, amount);
    assert(token.transfer(msg.sender, amount));
  }

  function _slash(address account) internal collateralAddsUp {
    uint256 amount = (_balances[account] * _slashPercentage) / 100;
    _totals.slashed += amount;
    _debit(account, amount);
  }

  function _credit(address account, uint256 amount) private {
    _balances[account] += amount;
    _totals.balance += amount;
  }

  function _debit(address account, uint256 amount) private {
    _balances[account] -= amount;
    _totals.balance -= amount;
  }
}
