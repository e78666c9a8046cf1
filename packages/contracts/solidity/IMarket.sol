// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, ProofConfig} from "./Configuration.sol";
import {ICollateral} from "./ICollateral.sol";
import {IProofs} from "./IProofs.sol";

/// @title What every market has: collateral and proofs, and rules for both
interface IMarket is ICollateral, IProofs {
  /// @notice The rules that were fixed at deployment.
  function config() external view returns (CollateralConfig memory collateral, ProofConfig memory proofs);
}
