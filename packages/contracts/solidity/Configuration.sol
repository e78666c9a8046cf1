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
  uint256 timeout; // seconds after a period in which its missing proofs can be marked; at most 42 periods
  uint8 downtime; // blocks, out of 256, in which no proof is asked for
}

struct MarketplaceOptions {
  address treasury; // owns what is slashed, but for the markers' part; the zero address: burnt, owed to nobody
  uint8 markerPercentage; // per cent of what is slashed, for whoever marked the miss
  bool collateralPerSlot; // whether the initial amount is needed for each slot that a host keeps, or once
}
