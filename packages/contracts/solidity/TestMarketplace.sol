// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketplaceConfig, MarketplaceOptions} from "./Configuration.sol";
import {Request, SlotId, SlotState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";
import {Slot} from "./Slot.sol";
import {StorageMarket} from "./StorageMarket.sol";

/// @title A marketplace for tests: any proof that is not empty holds, and anyone can take a slot from its host
/// @dev A marker gets 20 per cent of what is slashed, the rest is burnt; collateral is needed once per host.
contract TestMarketplace is StorageMarket {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_
  ) StorageMarket(token_, config_, MarketplaceOptions(address(0), 20, false)) {}

  function forciblyFreeSlot(SlotId slotId) external {
    require(slotState(slotId) == SlotState.Filled, "Slot is not filled");
    Slot memory slot = _slots[slotId];
    Terms memory terms = RequestCode.loadTerms(slot.request);
    _loseSlot(slotId, slot, _progress[terms.id], terms);
  }

  function _isProvable(Request calldata) internal pure override returns (bool) {
    return true;
  }

  function _isProven(SlotId, Slot memory, bytes calldata proof) internal pure override returns (bool) {
    return proof.length > 0;
  }
}
