// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Account} from "./Account.sol";
import {CollateralConfig, MarketplaceOptions} from "./Configuration.sol";
import {Escrow} from "./Escrow.sol";

/// @title The hosts' money, one balance for each account
abstract contract Collateral is Escrow {
  uint256 internal immutable _initialAmount;
  uint256 internal immutable _minimumAmount;
  uint256 internal immutable _slashCriterion;
  uint256 internal immutable _slashPercentage;
  address internal immutable _treasury;
  uint8 internal immutable _markerPercentage;
  bool internal immutable _collateralPerSlot;

  mapping(address => Account) internal _accounts;

  constructor(CollateralConfig memory rules, MarketplaceOptions memory options_) {
    require(rules.slashCriterion > 0, "Invalid slash criterion");
    require(rules.slashPercentage <= 100, "Invalid slash percentage");
    require(options_.markerPercentage <= 100, "Invalid marker percentage");
    _initialAmount = rules.initialAmount;
    _minimumAmount = rules.minimumAmount;
    _slashCriterion = rules.slashCriterion;
    _slashPercentage = rules.slashPercentage;
    _treasury = options_.treasury;
    _markerPercentage = options_.markerPercentage;
    _collateralPerSlot = options_.collateralPerSlot;
  }

  function balanceOf(address account) public view returns (uint256) {
    return _accounts[account].collateral;
  }

  function options() external view returns (MarketplaceOptions memory) {
    return MarketplaceOptions(_treasury, _markerPercentage, _collateralPerSlot);
  }

  function deposit(uint256 amount) external {
    Account storage account = _accounts[msg.sender];
    require(amount <= type(uint128).max - account.collateral, "Amount too large");
    account.collateral += uint128(amount);
    _pull(msg.sender, amount);
  }

  function withdraw() external {
    require(!_isLocked(msg.sender), "Account locked");
    Account storage account = _accounts[msg.sender];
    uint256 amount = account.collateral;
    account.collateral = 0;
    assert(token.transfer(msg.sender, amount));
  }

  function _collateralConfig() internal view returns (CollateralConfig memory) {
    return CollateralConfig(_initialAmount, _minimumAmount, _slashCriterion, _slashPercentage);
  }

  /// @dev Whether the account may not have its collateral back for now.
  function _isLocked(address account) internal view virtual returns (bool) {
    return _accounts[account].slots > 0;
  }

  /// @dev Whether the account has put up enough to take one more slot.
  function _coversOneMore(Account memory account) internal view returns (bool) {
    uint256 slots = _collateralPerSlot ? uint256(account.slots) + 1 : 1;
    return account.collateral >= _initialAmount * slots;
  }

  /// @dev Takes a part of the host's collateral for every so many missed proofs, for the marker and the treasury. A host
  /// gets nothing for marking its own miss. Answers whether that left too little to keep a slot.
  function _slash(address host, address marker, uint256 missed) internal returns (bool) {
    if (missed % _slashCriterion != 0) return false;
    uint256 collateral = _accounts[host].collateral;
    uint256 slashed = (collateral * _slashPercentage) / 100;
    uint256 reward = marker == host ? 0 : (slashed * _markerPercentage) / 100;

    _accounts[host].collateral = uint128(collateral - slashed);
    if (reward > 0) _accounts[marker].collateral += uint128(reward);
    // what is burnt stays in the contract, which owes it to nobody
    if (_treasury != address(0)) _accounts[_treasury].collateral += uint128(slashed - reward);
    // the host may be the treasury
    return _accounts[host].collateral < _minimumAmount;
  }
}
