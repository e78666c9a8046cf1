// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Collateral} from "./Collateral.sol";
import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "./Configuration.sol";
import {Escrow} from "./Escrow.sol";
import {IMarket} from "./IMarket.sol";
import {Proofs} from "./Proofs.sol";

/// @title What every market stands on
abstract contract Market is IMarket, Proofs, Collateral {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_,
    MarketplaceOptions memory options_
  ) Escrow(token_) Collateral(config_.collateral, options_) Proofs(config_.proofs) {}

  function config() external view returns (CollateralConfig memory collateral, ProofConfig memory proofs) {
    return (_collateralConfig(), _proofConfig());
  }
}
