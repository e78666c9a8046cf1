// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketplaceOptions} from "./Configuration.sol";

/// @title The collateral of accounts, in one ERC-20 token
/// @notice All amounts are base units of the token.
interface ICollateral {
  /// @notice The money of this market.
  function token() external view returns (IERC20);

  /// @notice Choices made at deployment besides the configuration.
  function options() external view returns (MarketplaceOptions memory);

  /// @notice Adds to the caller's collateral. Reverts with "Amount too large" above 2^128 - 1 in all.
  function deposit(uint256 amount) external;

  /// @notice Pays the caller's whole collateral back. Reverts with "Account locked" while the caller keeps a slot,
  /// or has offered to.
  function withdraw() external;

  /// @notice The collateral of an account.
  function balanceOf(address account) external view returns (uint256);
}
