// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Request, RequestId, RequestState, SlotId} from "../../solidity/Request.sol";
import {Bed} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title Who gets how much, for any price and any times, in any order of collecting
contract Payments is Bed {
  struct Stay {
    uint256 filledAt; // unix seconds; zero: nobody keeps the slot
    bool early;
  }

  Request private _request;
  Stay[4] private _stays;
  uint256 private _failedAt; // unix seconds
  uint256 private _created; // unix seconds

  function testFuzz_ofACancelledRequestHostsGetTheirSecondsUntilTheExpiryAndTheClientTheRest(
    uint128 reward,
    uint32 duration,
    uint256 chance
  ) external {
    _post(reward, duration, chance);
    uint256 kept = _draw(chance, "kept", 15);
    for (uint256 index; index < 4; index++) if ((kept >> index) % 2 == 1) _fillAfter(index, chance);
    vm.warp(_request.expiry + 1 + _draw(chance, "late", 1 << 32));
    _collectAll(chance, RequestState.Cancelled);
  }

  function testFuzz_ofAFinishedRequestRefilledSlotsEarnTheirSecondsAndTheClientGetsTheRest(
    uint128 reward,
    uint32 duration,
    uint256 chance
  ) external {
    _post(reward, duration, chance);
    _startAndLoseTwo(chance);
    vm.warp(_end() + 1 + _draw(chance, "late", 1 << 32));
    _collectAll(chance, RequestState.Finished);
  }

  function testFuzz_ofAFailedRequestHostsGetTheirSecondsUntilTheFailureAndTheClientTheRest(
    uint128 reward,
    uint32 duration,
    uint256 chance
  ) external {
    _post(reward, duration, chance);
    _startAndLoseTwo(chance);
    for (uint256 index; _failedAt == 0; index++) if (_stays[index].filledAt > 0) _lose(index);
    vm.warp(_end() + _draw(chance, "late", 1 << 32)); // the expiry is past
    _collectAll(chance, RequestState.Failed);
  }

  // ---- Scenes

  /// @dev A second request lies beside it: its money may go nowhere.
  function _post(uint128 reward, uint32 duration, uint256 chance) private {
    _request = _newRequest(CLIENT);
    _request.ask.reward = reward;
    _request.ask.duration = duration > 10 ? duration : 10;
    _request.expiry = block.timestamp + _draw(chance, "expiry", _request.ask.duration);
    _created = block.timestamp;
    _post(_request);
    _post(_newRequest(STRANGER));
    _deposit(HOST, 100);
  }

  function _startAndLoseTwo(uint256 chance) private {
    for (uint256 index; index < 4; index++) _fillAfter(index, chance);
    vm.assertTrue(market.requestState(_request.id()) == RequestState.Started, "all slots are filled in time");
    uint256 first = _draw(chance, "first", 4);
    for (uint256 lost; lost < 2; lost++) {
      _wait(chance ^ (lost << 8), _end());
      _lose((first + lost) % 4);
      if (_draw(chance, "refill", 2 + lost) > 0) continue;
      vm.warp(block.timestamp / 10 * 10 + 10); // another period: a slot is proven once in each
      if (block.timestamp <= _end()) _fillAfter((first + lost) % 4, chance);
      else vm.warp(_end());
    }
  }

  function _fillAfter(uint256 index, uint256 chance) private {
    bool early = market.requestState(_request.id()) == RequestState.New;
    _wait(chance ^ index, early ? _request.expiry : _end());
    _fill(HOST, _request.id(), index);
    _stays[index] = Stay(block.timestamp, early);
  }

  function _lose(uint256 index) private {
    _free(HOST, _slotId(index));
    delete _stays[index];
    if (market.requestState(_request.id()) == RequestState.Failed) _failedAt = block.timestamp;
  }

  /// @dev Some of the time that is left.
  function _wait(uint256 chance, uint256 until) private {
    vm.warp(block.timestamp + _draw(chance, "wait", until - block.timestamp + 1));
  }

  // ---- The end

  /// @dev Four hosts and a client, in any order.
  function _collectAll(uint256 chance, RequestState ending) private {
    vm.assertTrue(market.requestState(_request.id()) == ending, "it ends as it should");
    uint256 rest = _request.ask.price();
    for (uint256 index; index < 4; index++) rest -= _earned(_stays[index], ending);
    uint256 first = _draw(chance, "turn", 5);
    bool backwards = _draw(chance, "backwards", 2) == 1;
    for (uint256 turn; turn < 5; turn++) {
      uint256 who = (first + (backwards ? 5 - turn : turn)) % 5;
      if (who == 4) _collectRest(rest, ending);
      else if (_stays[who].filledAt > 0) _collect(who, _earned(_stays[who], ending));
    }
    uint256 others = _newRequest(STRANGER).ask.price();
    vm.assertEq(token.balanceOf(address(market)), others + 100, "the whole price is shared, and no more");
  }

  function _collect(uint256 index, uint256 due) private {
    uint256 before = token.balanceOf(HOST);
    _free(HOST, _slotId(index));
    vm.assertEq(token.balanceOf(HOST) - before, due, "a host gets what it earned");
  }

  function _collectRest(uint256 rest, RequestState ending) private {
    uint256 before = token.balanceOf(CLIENT);
    if (rest == 0 && ending == RequestState.Finished) vm.expectRevert("Invalid state");
    vm.prank(CLIENT);
    market.withdrawFunds(_request.id());
    vm.assertEq(token.balanceOf(CLIENT) - before, rest, "the client gets the rest");
  }

  function _earned(Stay memory stay, RequestState ending) private view returns (uint256) {
    if (stay.filledAt == 0) return 0;
    if (ending == RequestState.Cancelled) return _request.ask.reward * (_request.expiry - stay.filledAt);
    if (ending == RequestState.Failed) return _request.ask.reward * (_failedAt - stay.filledAt);
    return stay.early ? _request.ask.duration * _request.ask.reward : _request.ask.reward * (_end() - stay.filledAt);
  }

  function _end() private view returns (uint256) {
    return _created + _request.ask.duration;
  }

  function _slotId(uint256 index) private view returns (SlotId) {
    return _request.id().slotId(index);
  }
}
