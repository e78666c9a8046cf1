// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "../../../solidity/Configuration.sol";
import {RequestId, RequestState, SlotId, SlotState} from "../../../solidity/Request.sol";
import {Ground} from "../Ground.sol";
import {vm} from "../Vm.sol";
import {Attempts} from "./Attempts.sol";
import {RequestBook, SlotBook} from "./Books.sol";
import {MarketLaws} from "./MarketLaws.sol";

/// @title What holds in a market at a fixed price
abstract contract Laws is Attempts, MarketLaws {
  function setUp() public override(Ground, MarketLaws) {
    super.setUp();
  }

  function _actions() internal pure override returns (bytes4[] memory actions) {
    bytes4[17] memory list = [
      this.request.selector, this.request.selector, this.fill.selector, this.start.selector, this.start.selector,
      this.prove.selector, this.neglect.selector, this.quit.selector, this.collect.selector, this.collect.selector,
      this.refund.selector, this.deposit.selector, this.withdraw.selector, this.pass.selector, this.passTo.selector,
      this.donate.selector, this.attempt.selector
    ];
    actions = new bytes4[](list.length);
    for (uint256 index; index < list.length; index++) actions[index] = list[index];
  }

  /// @dev The first laws for everybody. The others for one account, one slot and one request by turns, which takes half the
  /// time: what breaks them stays broken until it is their turn.
  function invariant_theLawsHold() external {
    _law2();
    _law1(_uncollected());
    _law4();
    _law5();
    uint256 turn = _turn();
    _law6(_actors[turn % _actors.length]);
    _law7(_actors[turn % _actors.length]);
    if (_open.length == 0) return;
    uint256[] memory places = _openSlots();
    _law8(_slots[places[turn % places.length]]);
    _law8(_requests[_open[turn % _open.length]]);
  }

  /// @dev All that can be collected is collected, in any order, after which nothing is left but what was burnt.
  function afterInvariant() external {
    for (uint256 index; index < _actors.length; index++) _law7(_actors[index]);
    for (uint256 index; index < _slots.length; index++) _law8(_slots[index]);
    for (uint256 index; index < _requests.length; index++) _law8(_requests[index]);
    _passTo(block.timestamp + 31 * _proofs.period);
    uint256[] memory turns = _shuffled(_slots.length + _requests.length);
    for (uint256 turn; turn < turns.length; turn++) {
      if (turns[turn] < _slots.length) _collectTwice(_slots[turns[turn]]);
      else _refundTwice(_requests[turns[turn] - _slots.length]);
    }
    for (uint256 index; index < _requests.length; index++) _settled(_requests[index]);
    _withdrawAll();
    _tell("slots");
  }

  function _collectTwice(SlotBook storage slot) private {
    if (slot.host == address(0)) return;
    _free(slot, slot.host);
    if (slot.host != address(0)) _free(slot, slot.host);
  }

  function _refundTwice(RequestBook storage asked) private {
    _refund(asked, asked.client);
    _refund(asked, asked.client);
  }

  function _settled(RequestBook storage asked) private view {
    require(asked.paid + asked.returned == asked.ask.price(), "law 2: hosts and client share the whole price");
    bytes32 id = keccak256(abi.encode(market.getRequest(asked.id)));
    require(id == RequestId.unwrap(asked.id), "law 10: a request stays what it was");
  }

  // ---- 1 Solvency, 2 Conservation

  function _uncollected() private view returns (uint256 tokens) {
    for (uint256 place; place < _open.length; place++) {
      RequestBook storage asked = _requests[_open[place]];
      tokens += asked.ask.price() - asked.paid - asked.returned;
    }
  }

  function _law2() private view {
    for (uint256 place; place < _open.length; place++) {
      RequestBook storage asked = _requests[_open[place]];
      bool within = asked.paid + asked.returned <= asked.ask.price();
      require(within, "law 2: no more is paid out of a request than its price");
    }
  }

  // ---- 3 Transitions

  function _observe() internal override {
    for (uint256 place; place < _open.length; place++) {
      RequestBook storage asked = _requests[_open[place]];
      RequestState state = market.requestState(asked.id);
      require(_canBecome(asked.seen, state), "law 3: a request takes no forbidden step");
      asked.seen = state;
    }
    uint256[] memory places = _openSlots();
    for (uint256 index; index < places.length; index++) {
      SlotBook storage slot = _slots[places[index]];
      SlotState state = market.slotState(slot.id);
      require(_canBecome(slot.seen, state), "law 3: a slot takes no forbidden step");
      if (slot.seen == SlotState.Free && state == SlotState.Filled) _law12(market.getHost(slot.id));
      slot.seen = state;
    }
  }

  function _canBecome(RequestState from, RequestState to) private pure returns (bool) {
    if (from == to) return true;
    if (from == RequestState.New) return to == RequestState.Started || to == RequestState.Cancelled;
    return from == RequestState.Started && (to == RequestState.Finished || to == RequestState.Failed);
  }

  function _canBecome(SlotState from, SlotState to) private pure returns (bool) {
    if (from == to) return true;
    if (from == SlotState.Free) return to == SlotState.Filled;
    if (from == SlotState.Filled) return to != SlotState.Paid;
    return to == SlotState.Paid && from != SlotState.Paid;
  }

  // ---- 7 Lists

  function _law7(address account) private {
    _checkSlotsOf(account);
    _checkRequestsOf(account);
  }

  function _checkSlotsOf(address host) private {
    vm.prank(host);
    SlotId[] memory slots = market.mySlots();
    require(slots.length == _accounts[host].held, "law 7: a host's list has the slots that it keeps, and no other");
    for (uint256 index; index < slots.length; index++) {
      SlotBook storage slot = _slots[_placeOf[slots[index]]];
      bool kept = SlotId.unwrap(slot.id) == SlotId.unwrap(slots[index]) && slot.host == host && !slot.paid;
      require(kept, "law 7: a host keeps the slots of its list");
      for (uint256 other; other < index; other++)
        require(SlotId.unwrap(slots[other]) != SlotId.unwrap(slots[index]), "law 7: a host's list has a slot once");
    }
  }

  function _checkRequestsOf(address client) private {
    vm.prank(client);
    RequestId[] memory requests = market.myRequests();
    uint256 listed;
    for (uint256 place; place < _open.length; place++) {
      RequestBook storage asked = _requests[_open[place]];
      if (asked.client != client || !asked.listed) continue;
      listed++;
      require(_count(requests, asked.id) == 1, "law 7: a client's list has each of its requests, once");
    }
    require(requests.length == listed, "law 7: a client's list has no other requests");
  }

  function _count(RequestId[] memory ids, RequestId id) private pure returns (uint256 count) {
    for (uint256 index; index < ids.length; index++) if (RequestId.unwrap(ids[index]) == RequestId.unwrap(id)) count++;
  }

  // ---- 8 The market says what the books say

  function _law8(SlotBook storage slot) private view {
    require(market.slotState(slot.id) == _stateOf(slot), "law 8: the state of a slot is what the rules say");
    require(market.getHost(slot.id) == slot.host, "law 8: a slot has the host that the rules say");
    require(market.missingProofs(slot.id) == slot.missed, "law 8: misses count for the host who missed");
    bool drawn = _drawn(slot, _period());
    bool hidden = _isInDowntime(slot.id, _period());
    require(market.isProofRequired(slot.id) == (drawn && !hidden), "law 8: a proof is due when the rules say");
    require(market.willProofBeRequired(slot.id) == (drawn && hidden), "law 8: in the downtime, a proof will be due");
  }

  function _law8(RequestBook storage asked) private view {
    require(market.requestState(asked.id) == _stateOf(asked), "law 8: the state of a request is what the rules say");
    require(market.requestEnd(asked.id) == _endOf(asked), "law 8: a request ends when the rules say");
  }

  function _endOf(RequestBook storage asked) private view returns (uint256) {
    RequestState state = _stateOf(asked);
    uint256 end = _end(asked);
    if (state == RequestState.Failed) return asked.failedAt - 1;
    bool over = state == RequestState.Cancelled && block.timestamp <= end;
    return over ? block.timestamp - 1 : end;
  }
}

/// The market of the other packages' tests: the reference's options, one deposit for all slots, what is slashed is burnt.
contract LawsOfTheTestMarketplace is Laws {
  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 2, 30), ProofConfig(10, 5, 64));
  }
}

/// A market with all options: a verifier, a treasury that trades as well, collateral for each slot. Odd numbers, the longest timeout.
contract LawsOfTheMarketplace is Laws {
  function _deploy() internal override returns (address) {
    return _deployMarketplace(MarketplaceOptions(address(0xAC7001), 35, true));
  }

  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(1_000, 333, 1, 21), ProofConfig(7, 294, 10));
  }
}
