// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketplaceOptions} from "../../solidity/Configuration.sol";
import {Request, RequestId, SlotId} from "../../solidity/Request.sol";
import {Bed, ITestMarketplace} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title The holes of the interface's first generation (contract interface, section 6), each by the rule that it broke
/// @dev A rule that does not hold is told by `Broken`; anything else that reverts is a mistake of the test.
abstract contract Holes is Bed {
  error Broken(string rule);

  /// @dev Runs the test as a call of its own, and judges how it ended.
  modifier hole() {
    if (msg.sender == address(this)) {
      _;
    } else {
      (bool ok, bytes memory answer) = address(this).call(msg.data);
      _judge(ok, answer);
    }
  }

  function _judge(bool held, bytes memory answer) internal virtual;

  /// @dev The first generation had no options.
  function _deployWith(MarketplaceOptions memory options) internal virtual returns (ITestMarketplace);

  function test_hole1_theHostOfACancelledRequestIsPaidForTheSecondsThatItStored() external hole {
    (Request memory request, SlotId slotId) = _cancelled();
    uint256 earned = 60 * request.ask.reward;
    _pays(HOST, abi.encodeCall(market.freeSlot, slotId), earned);
    _pays(CLIENT, abi.encodeCall(market.withdrawFunds, request.id()), request.ask.price() - earned);
  }

  function test_hole1_theClientOfACancelledRequestLeavesWhatItsHostsHaveEarned() external hole {
    uint256 others = _newRequest(STRANGER).ask.price();
    _post(_newRequest(STRANGER));
    (Request memory request, SlotId slotId) = _cancelled();
    uint256 earned = 60 * request.ask.reward;
    _pays(CLIENT, abi.encodeCall(market.withdrawFunds, request.id()), request.ask.price() - earned);
    _pays(HOST, abi.encodeCall(market.freeSlot, slotId), earned);
    _rule(token.balanceOf(address(market)) == others + 100, "nobody is paid out of another client's escrow");
  }

  function test_hole2_theClientOfAFailedRequestGetsBackWhatNoHostHasEarned() external hole {
    Request memory request = _started();
    _skip(200);
    for (uint256 index; index < 3; index++) _free(HOST, request.id().slotId(index));
    _skip(50);
    uint256 earned = 200 * request.ask.reward;
    _pays(CLIENT, abi.encodeCall(market.withdrawFunds, request.id()), request.ask.price() - earned);
    _pays(HOST, abi.encodeCall(market.freeSlot, request.id().slotId(3)), earned);
  }

  function test_hole2_theClientGetsBackThePriceOfASlotThatIsEmptyAtTheEnd() external hole {
    Request memory request = _started();
    _free(HOST, request.id().slotId(0));
    _skip(1_001);
    _pays(CLIENT, abi.encodeCall(market.withdrawFunds, request.id()), request.ask.pricePerSlot());
  }

  function test_hole2_theClientGetsBackTheSecondsThatARefilledSlotDidNotStore() external hole {
    Request memory request = _started();
    _free(HOST, request.id().slotId(0));
    _skip(300);
    SlotId slotId = _fill(HOST, request.id(), 0);
    _skip(701);
    _pays(HOST, abi.encodeCall(market.freeSlot, slotId), 700 * request.ask.reward);
    _pays(CLIENT, abi.encodeCall(market.withdrawFunds, request.id()), 300 * request.ask.reward);
  }

  function test_hole3_slashedCollateralBelongsToTheMarkerAndTheTreasury() external hole {
    market = _deployWith(MarketplaceOptions({treasury: OTHER_HOST, markerPercentage: 20, collateralPerSlot: false}));
    SlotId slotId = _started().id().slotId(0);
    for (uint256 miss; miss < 3; miss++) _miss(STRANGER, slotId);
    vm.assertEq(market.balanceOf(HOST), 90, "ten of a hundred are slashed");
    _pays(STRANGER, abi.encodeCall(market.withdraw, ()), 2);
    _pays(OTHER_HOST, abi.encodeCall(market.withdraw, ()), 8);
  }

  function test_hole4_withTheOptionEverySlotNeedsCollateralOfItsOwn() external hole {
    market = _deployWith(MarketplaceOptions({treasury: address(0), markerPercentage: 20, collateralPerSlot: true}));
    _deposit(HOST, 199);
    RequestId requestId = _post(_newRequest(CLIENT));
    _fill(HOST, requestId, 0);
    _refuses(HOST, abi.encodeCall(market.fillSlot, (requestId, 1, PROOF)), "Insufficient collateral");
    _deposit(HOST, 1);
    _fill(HOST, requestId, 1);
  }

  function test_hole5_theMissedCountStartsAnewWithANewHost() external hole {
    RequestId requestId = _started().id();
    SlotId slotId = requestId.slotId(0);
    for (uint256 miss; miss < 2; miss++) _miss(STRANGER, slotId);
    _free(HOST, slotId);
    _deposit(OTHER_HOST, 100);
    _fill(OTHER_HOST, requestId, 0);
    _rule(market.missingProofs(slotId) == 0, "a new host has missed nothing");
    _miss(STRANGER, slotId);
    _rule(market.balanceOf(OTHER_HOST) == 100, "a new host does not pay for what another has missed");
  }

  function test_hole6_aStrangerCannotKeepASlotFromBeingFilled() external hole {
    RequestId requestId = _post(_newRequest(CLIENT));
    _deposit(HOST, 100);
    _refuses(STRANGER, abi.encodeCall(market.submitProof, (requestId.slotId(0), PROOF)), "Slot is free");
    _fill(HOST, requestId, 0);
  }

  function test_hole6_onlyTheHostCanSubmitTheProofOfItsSlot() external hole {
    SlotId slotId = _started().id().slotId(0);
    _skip(10);
    _refuses(STRANGER, abi.encodeCall(market.submitProof, (slotId, PROOF)), "Slot filled by other host");
  }

  function test_hole7_theExpiryLiesBeforeTheEnd() external hole {
    Request memory request = _newRequest(CLIENT);
    _fund(CLIENT, 2 * request.ask.price());
    request.expiry = block.timestamp + request.ask.duration;
    _refuses(CLIENT, abi.encodeCall(market.requestStorage, (request)), "Invalid expiry");
    request.expiry += 100;
    _refuses(CLIENT, abi.encodeCall(market.requestStorage, (request)), "Invalid expiry");
  }

  function test_hole8_noRateOfBlocksKeepsThePointerInTheDowntime() external hole {
    SlotId slotId = _started().id().slotId(0);
    for (uint256 blocks = 1; blocks <= 256; blocks++) {
      while (market.getPointer(slotId) > 0) vm.roll(block.number + 1);
      uint256 hidden;
      while (hidden < 32 && market.getPointer(slotId) < 64) {
        hidden++;
        _skip(10);
        vm.roll(block.number + blocks);
      }
      _rule(hidden < 32, "a slot does not stay in the downtime for 32 periods on end");
    }
  }

  // ---- Scenes

  /// @dev A request that is cancelled; HOST has kept one slot for 60 seconds.
  function _cancelled() private returns (Request memory request, SlotId slotId) {
    request = _newRequest(CLIENT);
    _post(request);
    _deposit(HOST, 100);
    _skip(40);
    slotId = _fill(HOST, request.id(), 0);
    _skip(61);
  }

  function _started() private returns (Request memory request) {
    request = _newRequest(CLIENT);
    _post(request);
    _deposit(HOST, 100);
    _fillAll(HOST, request.id(), request.ask.slots);
  }

  // ---- Rules

  function _rule(bool holds, string memory rule) private pure {
    if (!holds) revert Broken(rule);
  }

  function _pays(address account, bytes memory call, uint256 amount) private {
    uint256 before = token.balanceOf(account);
    vm.prank(account);
    (bool ok, ) = address(market).call(call);
    _rule(ok, "who has something to get can get it");
    _rule(token.balanceOf(account) - before == amount, "everybody gets what the rules say");
  }

  function _refuses(address account, bytes memory call, string memory reason) private {
    vm.prank(account);
    (bool ok, bytes memory answer) = address(market).call(call);
    _rule(!ok, reason);
    vm.assertEq(_reason(ok, answer), reason, "another reason");
  }
}

/// The holes are closed.
contract HolesHere is Holes {
  function _judge(bool held, bytes memory answer) internal pure override {
    if (!held) _revert(answer);
  }

  function _deployWith(MarketplaceOptions memory options) internal override returns (ITestMarketplace) {
    return ITestMarketplace(_deployMarketplace(options));
  }
}

/// The same tests see every one of them in the contract of the first generation.
contract HolesInReference is Holes {
  function _judge(bool held, bytes memory answer) internal pure override {
    vm.assertTrue(!held, "the reference keeps this rule: the test does not show the hole");
    if (bytes4(answer) != Broken.selector) _revert(answer);
  }

  function _deploy() internal override returns (address) {
    return _create(vm.getCode("forge/reference/TestMarketplace.json"), abi.encode(token, _config()));
  }

  function _deployWith(MarketplaceOptions memory) internal override returns (ITestMarketplace) {
    return ITestMarketplace(_deploy());
  }
}
