// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketplaceConfig} from "./Configuration.sol";
import {Marketplace} from "./Marketplace.sol";
import {SlotId} from "./Request.sol";

/// @title A marketplace for tests, in which anyone can take a slot from its host
contract TestMarketplace is Marketplace {
  constructor(IERC20 token_, MarketplaceConfig memory config_) Marketplace(token_, config_) {}

  function forciblyFreeSlot(SlotId slotId) external {
    _loseSlot(slotId);
  }
}
