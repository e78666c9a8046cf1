// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The division of time into periods of equal length
abstract contract Periods {
  uint256 internal immutable _periodLength; // seconds

  constructor(uint256 periodLength) {
    _periodLength = periodLength;
  }

  function _periodOf(uint256 timestamp) internal view returns (uint256) {
    return timestamp / _periodLength;
  }

  function _currentPeriod() internal view returns (uint256) {
    return _periodOf(block.timestamp);
  }

  /// @dev The first second after the period.
  function _periodEnd(uint256 period) internal view returns (uint256) {
    return (period + 1) * _periodLength;
  }
}
