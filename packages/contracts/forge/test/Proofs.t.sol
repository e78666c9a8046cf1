// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, ProofConfig} from "../../solidity/Configuration.sol";
import {Request, SlotId} from "../../solidity/Request.sol";
import {Bed} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title Which proofs are due, which came, and which did not
/// @dev A market in which misses can be marked for as long as a market can allow: 42 periods.
contract Proofs is Bed {
  uint256 private constant PERIOD = 10; // seconds
  uint256 private constant TIMEOUT = 42; // periods

  function testFuzz_nothingIsForgottenThatCanStillBeMarked(uint256 chance) external {
    (SlotId slotId, uint256 first) = _keepSlot(1);
    uint256 submitted = chance;
    for (uint256 index; index < TIMEOUT; index++) {
      vm.warp((first + index) * PERIOD);
      if ((submitted >> index) % 2 == 1) _submit(slotId);
    }
    vm.warp((first + 1 + TIMEOUT) * PERIOD - 1); // a second later, the first of them would time out
    uint256 marked;
    for (uint256 turn; turn < 2 * TIMEOUT; turn++) {
      uint256 index = _draw(chance ^ turn, "period", TIMEOUT);
      _demand(slotId, first + index);
      if ((submitted >> index) % 2 == 1) vm.expectRevert("Proof was submitted, not missing");
      else if ((marked >> index) % 2 == 1) vm.expectRevert("Proof already marked as missing");
      else marked |= 1 << index;
      vm.prank(STRANGER);
      market.markProofAsMissing(slotId, first + index);
    }
  }

  function test_aMarkedMissIsNotAskedForAgainWhileThePointerIsInTheDowntime() external {
    (SlotId slotId, uint256 period) = _keepSlot(1);
    vm.warp((period + 1) * PERIOD + 1);
    _demand(slotId, period);
    market.markProofAsMissing(slotId, period);
    vm.expectRevert("Proof already marked as missing");
    market.markProofAsMissing(slotId, period);
    vm.roll(block.number + 256 - _pointer(slotId, period)); // it wraps
    vm.expectRevert("Proof was not required");
    market.markProofAsMissing(slotId, period);
  }

  function testFuzz_aMissCanBeMarkedFromOneSecondAfterItsPeriodUntilTheTimeout(uint256 chance) external {
    (SlotId slotId, uint256 period) = _keepSlot(1);
    uint256 end = (period + 1) * PERIOD;
    uint256 time = end - 1 + _draw(chance, "time", 3) + _draw(chance, "which", 2) * (TIMEOUT * PERIOD - 1);
    vm.warp(time);
    _demand(slotId, period);
    if (time <= end) vm.expectRevert("Period has not ended yet");
    else if (time >= end + TIMEOUT * PERIOD) vm.expectRevert("Validation timed out");
    market.markProofAsMissing(slotId, period);
  }

  function testFuzz_thePointerRisesByOnePerBlockAndIsDrawnAnewForEachPeriod(uint256 chance) external {
    (SlotId slotId, ) = _keepSlot(1);
    for (uint256 step; step < 8; step++) {
      vm.warp(block.timestamp + _draw(chance ^ step, "seconds", 2 * PERIOD));
      vm.roll(block.number + _draw(chance ^ step, "blocks", 512));
      uint256 pointer = _pointer(slotId, block.timestamp / PERIOD);
      vm.assertEq(market.getPointer(slotId), pointer, "the pointer of the rule");
      bytes32 challenge = keccak256(abi.encode(blockhash(block.number - 1 - pointer)));
      vm.assertEq(market.getChallenge(slotId), challenge, "the challenge of the block that it points to");
    }
  }

  function testFuzz_aProofIsDueWhenChanceAndTheDowntimeSaySo(uint64 probability, uint256 chance) external {
    uint256 probable = probability >> _draw(chance, "magnitude", 64);
    (SlotId slotId, ) = _keepSlot(probable);
    for (uint256 step; step < 8; step++) {
      uint256 pointer = _pointer(slotId, block.timestamp / PERIOD);
      uint256 odds = (probable * 192) / 256;
      bool chosen = odds == 0 || uint256(keccak256(abi.encode(blockhash(block.number - 1 - pointer)))) % odds == 0;
      vm.assertTrue(market.isProofRequired(slotId) == (chosen && pointer >= 64), "due");
      vm.assertTrue(market.willProofBeRequired(slotId) == (chosen && pointer < 64), "about to be due");
      vm.roll(block.number + 1 + _draw(chance ^ step, "blocks", 256));
    }
  }

  function testFuzz_noProofIsDueInThePeriodOfTheFillingNorOfAFreeSlot(uint256 chance) external {
    Request memory request = _newRequest(CLIENT);
    _deposit(HOST, 100);
    SlotId slotId = _post(request).slotId(0);
    _isNeverDue(slotId);
    vm.warp(block.timestamp + _draw(chance, "seconds", 2 * PERIOD));
    _fill(HOST, request.id(), 0);
    uint256 period = block.timestamp / PERIOD;
    vm.warp(period * PERIOD + PERIOD - 1);
    _isNeverDue(slotId);
    vm.warp(block.timestamp + 1);
    vm.assertTrue(market.isProofRequired(slotId) != market.willProofBeRequired(slotId), "due, or about to be, ever after");
    _free(HOST, slotId);
    _isNeverDue(slotId);
  }

  function testFuzz_notEvenTheHostSubmitsTwiceInAPeriod(uint256 chance) external {
    (SlotId slotId, uint256 period) = _keepSlot(1);
    for (uint256 submissions; submissions < 12; submissions++) {
      vm.warp(block.timestamp + _draw(chance ^ submissions, "seconds", 2 * PERIOD));
      if (submissions > 0 && block.timestamp / PERIOD == period) vm.expectRevert("Proof already submitted");
      _submit(slotId);
      period = block.timestamp / PERIOD;
    }
  }

  // ---- Scenes

  /// @dev HOST keeps a slot; the period is the first in which its proof is due, and begins now.
  function _keepSlot(uint256 probability) private returns (SlotId slotId, uint256 period) {
    Request memory request = _newRequest(CLIENT);
    request.ask.proofProbability = probability;
    _deposit(HOST, 100);
    _post(request);
    for (uint256 index; index < 4; index++) slotId = _fill(HOST, request.id(), index);
    period = block.timestamp / PERIOD + 1;
    vm.warp(period * PERIOD);
  }

  function _submit(SlotId slotId) private {
    vm.prank(HOST);
    market.submitProof(slotId, PROOF);
  }

  /// @dev To a block out of the downtime.
  function _demand(SlotId slotId, uint256 period) private {
    uint256 pointer = _pointer(slotId, period);
    if (pointer < 64) vm.roll(block.number + 64 - pointer);
  }

  function _isNeverDue(SlotId slotId) private {
    for (uint256 blocks; blocks < 256; blocks += 16) {
      vm.roll(block.number + blocks);
      vm.assertTrue(!market.isProofRequired(slotId) && !market.willProofBeRequired(slotId), "not due");
    }
  }

  function _pointer(SlotId slotId, uint256 period) private view returns (uint256) {
    return (block.number + uint256(keccak256(abi.encode(slotId, period))) % 256) % 256;
  }

  /// @dev Nothing is slashed: the slot is kept whatever is missed.
  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 3, 0), ProofConfig(PERIOD, TIMEOUT * PERIOD, 64));
  }
}
