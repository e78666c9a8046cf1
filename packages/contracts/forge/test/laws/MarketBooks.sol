// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceOptions, ProofConfig} from "../../../solidity/Configuration.sol";
import {SlotId} from "../../../solidity/Request.sol";

/// What is known of an account without asking the market.
struct AccountBook {
  uint256 deposited;
  uint256 credited; // as marker, or as treasury
  uint256 slashed;
  uint256 withdrawn;
  uint256 held; // slots or contracts
  uint256 tokens; // outside of the market
}

/// What has to happen in a run, now and then, for it to show anything.
enum Happening {
  Accepted, // calls
  Refused, // calls
  Slashed,
  LostBySlashing,
  PaidFinished,
  PaidFailed,
  RefundedFailed,
  // at a fixed price
  Refilled,
  RequestFailed,
  PaidCancelled,
  RefundedCancelled,
  RefundedFinished,
  // by offers
  Outbid, // selected, of several offers
  Released,
  RefundedUnselected
}

/// @title The books of collateral and proofs, which are alike in all markets, kept by the rules alone
abstract contract MarketBooks {
  CollateralConfig internal _collateral;
  ProofConfig internal _proofs;
  MarketplaceOptions internal _options;

  mapping(address => AccountBook) internal _accounts;
  uint256 internal _burnt; // tokens
  uint256 internal _donated; // tokens
  mapping(Happening => uint256) internal _tally;
  mapping(SlotId => mapping(uint256 period => bool)) internal _proven;

  // ---- Collateral

  function _bookDeposit(address account, uint256 amount) internal {
    _accounts[account].deposited += amount;
    _accounts[account].tokens -= amount;
  }

  function _bookWithdrawal(address account) internal {
    uint256 amount = _balance(account);
    _accounts[account].withdrawn += amount;
    _accounts[account].tokens += amount;
  }

  /// @dev Answers whether the host lost so much that it loses the slot or contract.
  function _bookSlash(address host, address marker, uint256 missed) internal returns (bool) {
    if (missed % _collateral.slashCriterion != 0) return false;
    _tally[Happening.Slashed]++;
    uint256 slashed = (_balance(host) * _collateral.slashPercentage) / 100;
    uint256 reward = marker == host ? 0 : (slashed * _options.markerPercentage) / 100;
    _accounts[host].slashed += slashed;
    _accounts[marker].credited += reward;
    if (_options.treasury == address(0)) _burnt += slashed - reward;
    else _accounts[_options.treasury].credited += slashed - reward;
    if (_balance(host) >= _collateral.minimumAmount) return false;
    _tally[Happening.LostBySlashing]++;
    return true;
  }

  function _balance(address account) internal view returns (uint256) {
    AccountBook storage book = _accounts[account];
    return book.deposited + book.credited - book.slashed - book.withdrawn;
  }

  /// @dev Whether the account may not withdraw.
  function _isLocked(address account) internal view virtual returns (bool);

  /// @dev What a host needs to take one more slot or contract.
  function _neededForOneMore(address host) internal view returns (uint256) {
    return _collateral.initialAmount * (_options.collateralPerSlot ? _accounts[host].held + 1 : 1);
  }

  // ---- Proofs

  function _period() internal view returns (uint256) {
    return block.timestamp / _proofs.period;
  }

  /// @dev Whether chance asks for a proof, were it not for the downtime.
  function _isChosen(SlotId id, uint256 period, uint256 probability) internal view returns (bool) {
    uint256 odds = (probability * (256 - _proofs.downtime)) / 256;
    bytes32 challenge = keccak256(abi.encode(blockhash(block.number - 1 - _pointer(id, period))));
    return odds == 0 || uint256(challenge) % odds == 0;
  }

  function _isInDowntime(SlotId id, uint256 period) internal view returns (bool) {
    return _pointer(id, period) < _proofs.downtime;
  }

  function _pointer(SlotId id, uint256 period) internal view returns (uint256) {
    unchecked {
      return (block.number + uint256(keccak256(abi.encode(id, period)))) % 256;
    }
  }

  /// @dev Why a miss cannot be marked in a slot or contract that accepts proofs, but for a miss that is marked already.
  function _whyNotMissed(SlotId id, uint256 period, bool isDue) internal view returns (string memory) {
    uint256 end = (period + 1) * _proofs.period;
    if (end >= block.timestamp) return "Period has not ended yet";
    if (block.timestamp >= end + _proofs.timeout) return "Validation timed out";
    if (_proven[id][period]) return "Proof was submitted, not missing";
    return isDue && !_isInDowntime(id, period) ? "" : "Proof was not required";
  }
}
