// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, MarketplaceOptions} from "../../solidity/Configuration.sol";
import {Request, RequestId, SlotId} from "../../solidity/Request.sol";
import {Bed, ITestMarketplace} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title Whose collateral is whose
contract Collateral is Bed {
  address private constant TREASURY = address(0x72EA5);
  uint256 private _percentage = 10;

  function testFuzz_whatIsSlashedIsSharedByMarkerAndTreasuryToTheToken(uint128 amount, uint8 slashed, uint8 part) external {
    uint256 collateral = 100 + uint256(amount) / 2;
    _percentage = slashed % 101;
    SlotId slotId = _keepSlot(MarketplaceOptions(TREASURY, part % 101, false), collateral);
    for (uint256 miss; miss < 3; miss++) _miss(STRANGER, slotId);

    uint256 loss = (collateral * _percentage) / 100;
    uint256 reward = (loss * (part % 101)) / 100;
    vm.assertEq(market.balanceOf(HOST), collateral - loss, "the host loses its percentage");
    vm.assertEq(market.balanceOf(STRANGER), reward, "the marker gets its percentage of that");
    vm.assertEq(market.balanceOf(TREASURY), loss - reward, "the treasury gets the rest");
    vm.assertEq(market.getHost(slotId), collateral - loss < 40 ? address(0) : HOST, "below the minimum the slot is lost");
  }

  function test_aHostGetsNothingForMarkingItsOwnMiss() external {
    SlotId slotId = _keepSlot(MarketplaceOptions(TREASURY, 50, false), 100);
    for (uint256 miss; miss < 3; miss++) _miss(HOST, slotId);
    vm.assertEq(market.balanceOf(HOST), 90, "the host loses all of it");
    vm.assertEq(market.balanceOf(TREASURY), 10, "the treasury gets all of it");
  }

  function test_aTreasuryThatHostsKeepsItsSlotWhenItsOwnPartOfTheSlashSuffices() external {
    _percentage = 100;
    SlotId slotId = _keepSlot(MarketplaceOptions(HOST, 60, false), 100);
    for (uint256 miss; miss < 3; miss++) _miss(STRANGER, slotId);
    vm.assertEq(market.balanceOf(HOST), 40, "the treasury's part of the hundred");
    vm.assertEq(market.getHost(slotId), HOST, "which is the minimum");
    for (uint256 miss; miss < 3; miss++) _miss(STRANGER, slotId);
    vm.assertEq(market.balanceOf(HOST), 16, "the treasury's part of the forty");
    vm.assertEq(market.getHost(slotId), address(0), "which is too little");
  }

  function test_whatIsBurntBelongsToNobody() external {
    SlotId slotId = _keepSlot(MarketplaceOptions(address(0), 20, false), 100);
    for (uint256 miss; miss < 3; miss++) _miss(STRANGER, slotId);
    vm.assertEq(market.balanceOf(address(0)), 0, "not even to the zero address");
    uint256 owed = market.balanceOf(HOST) + market.balanceOf(STRANGER) + _newRequest(CLIENT).ask.price();
    vm.assertEq(token.balanceOf(address(market)), owed + 8, "it stays in the market, owed to nobody");
  }

  function testFuzz_collateralIsKeptIn128Bits(uint128 first, uint256 second) external {
    _deposit(HOST, first);
    bool tooMuch = second > type(uint128).max - first;
    if (!tooMuch) _fund(HOST, second);
    else vm.expectRevert("Amount too large");
    vm.prank(HOST);
    market.deposit(second);
    vm.assertEq(market.balanceOf(HOST), tooMuch ? first : first + second, "what was taken is kept");
  }

  function testFuzz_withTheOptionEverySlotIsBackedInFull(uint16 amount) external {
    market = ITestMarketplace(_deployMarketplace(MarketplaceOptions(TREASURY, 20, true)));
    _deposit(HOST, amount % 500);
    RequestId requestId = _post(_newRequest(CLIENT));
    for (uint256 index; index < 4; index++) {
      if ((index + 1) * 100 > amount % 500) vm.expectRevert("Insufficient collateral");
      vm.prank(HOST);
      market.fillSlot(requestId, index, PROOF);
    }
  }

  function _keepSlot(MarketplaceOptions memory options, uint256 collateral) private returns (SlotId) {
    market = ITestMarketplace(_deployMarketplace(options));
    _deposit(HOST, collateral);
    Request memory request = _newRequest(CLIENT);
    request.expiry += 800;
    return _fill(HOST, _post(request), 0);
  }

  function _config() internal view override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 3, _percentage), super._config().proofs);
  }
}
