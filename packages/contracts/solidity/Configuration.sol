// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

struct MarketplaceConfig {
  CollateralConfig collateral;
  ProofConfig proofs;
}

struct CollateralConfig {
  uint256 initialAmount; // tokens that a host has to have deposited when it fills a slot
  uint256 minimumAmount; // tokens below which a slashed host loses the slot
  uint256 slashCriterion; // missed proofs of a slot per slash
  uint256 slashPercentage; // per cent of the host's collateral
}

struct ProofConfig {
  uint256 period; // seconds
  uint256 timeout; // seconds after a period in which its missing proofs can be marked
  uint8 downtime; // blocks, out of 256, in which no proof is asked for
}
