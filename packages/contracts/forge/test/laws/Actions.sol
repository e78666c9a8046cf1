// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ask, Content, Erasure, ProofParameters, Request, RequestState, SlotId, SlotState} from "../../../solidity/Request.sol";
import {Bed} from "../Bed.sol";
import {vm} from "../Vm.sol";
import {Happening, RequestBook, SlotBook} from "./Books.sol";
import {Refusals} from "./Refusals.sol";

/// @title What clients, hosts and markers do, in any order
/// @dev Every action picks who and what by chance among those for whom it is possible, and is discarded when there is none.
/// So all of these succeed, save `attempt`: it does anything to anything, and is mostly refused. Every call to the market is
/// foretold by the books: whether it is refused, and why.
abstract contract Actions is Bed, Refusals {
  string internal constant LAW_9 = "law 9: what the rules allow is never refused, what they forbid always, with its reason";
  uint256 internal constant MAX_OPEN_REQUESTS = 3;

  address[] internal _actors;
  uint256 internal _donated;

  // ---- Clients

  /// @dev Up to three slots for 1 to 30 periods. Some expire at once, some at the last possible moment, some pay nothing.
  function request(uint256 chance) external {
    _bookSettlements();
    vm.assume(_open.length < MAX_OPEN_REQUESTS);
    uint256 duration = 1 + _draw(chance, "duration", 30 * _proofs.period);
    uint256 slots = 1 + _draw(chance, "slots", 3);
    Request memory wanted;
    wanted.client = _actor(chance, "client");
    wanted.ask = Ask({
      slots: uint64(slots),
      slotSize: _draw(chance, "size", 1 << 30),
      duration: duration,
      proofProbability: _draw(chance, "probability", 5),
      reward: _draw(chance, "free of charge", 8) == 0 ? 0 : 1 + _draw(chance, "reward", 1_000),
      maxSlotLoss: uint64(_draw(chance, "loss", slots + 1))
    });
    wanted.content = Content("cid", Erasure(1), ProofParameters("u", "key", "name"));
    wanted.expiry = block.timestamp + duration - 1 - _draw(chance, "expiry", duration + 2);
    wanted.nonce = bytes32(chance);
    _request(wanted);
  }

  function refund(uint256 chance) external {
    uint256 offset = _draw(chance, "request", MAX_OPEN_REQUESTS);
    for (uint256 step; step < _open.length; step++) {
      RequestBook storage found = _requests[_open[(offset + step) % _open.length]];
      if (bytes(_whyNoRefund(found, found.client)).length == 0) return _refund(found, found.client);
    }
    vm.assume(false);
  }

  // ---- Hosts

  function fill(uint256 chance) external {
    address host = _actor(chance, "host");
    SlotBook storage slot = _someSlot(chance, _isFillable);
    _fillWithCollateral(slot, host);
  }

  /// @dev All slots that are missing, by as many hosts as there are.
  function start(uint256 chance) external {
    RequestBook storage wanted = _requests[_someSlot(chance, _isFillable).request];
    uint256 first = _firstSlot[wanted.id];
    for (uint256 index; index < wanted.ask.slots; index++) {
      SlotBook storage slot = _slots[first + index];
      if (_isFillable(slot)) _fillWithCollateral(slot, _actors[(chance % 1_000 + index) % _actors.length]);
    }
  }

  function quit(uint256 chance) external {
    SlotBook storage slot = _someSlot(chance, _isFilled);
    _free(slot, slot.host);
  }

  function collect(uint256 chance) external {
    SlotBook storage slot = _someSlot(chance, _isPayable);
    _free(slot, slot.host);
  }

  function deposit(uint256 chance) external {
    _deposit(_draw(chance, "amount", 3 * _collateral.initialAmount), _actor(chance, "host"));
  }

  function withdraw(uint256 chance) external {
    address account = _actor(chance, "host");
    for (uint256 step; step < _actors.length && _accounts[account].slots > 0; step++) account = _actors[step];
    vm.assume(_accounts[account].slots == 0);
    _withdraw(account);
  }

  // ---- Proofs

  function prove(uint256 chance) external {
    SlotBook storage slot = _someSlot(chance, _isProvable);
    _prove(slot, slot.host);
  }

  /// @dev A host misses up to eight periods on end, which someone tells: often until it loses the slot.
  function neglect(uint256 chance) external {
    SlotBook storage slot = _someSlot(chance, _isFilled);
    address marker = _actor(chance, "marker");
    for (uint256 misses = _draw(chance, "misses", 8) + 1; misses > 0; misses--) {
      uint256 period = _period() + 1;
      _passTo((period + 1) * _proofs.period + 1);
      _awaitDemand(slot, period);
      if (_stateOf(slot) != SlotState.Filled) return;
      _mark(slot, period, marker);
    }
  }

  // ---- Time, and what nobody asked for

  function pass(uint256 chance) external {
    _passTo(block.timestamp + 1 + _draw(chance, "seconds", 3 * _proofs.period));
    vm.roll(block.number + 1 + _draw(chance, "blocks", 300));
  }

  /// @dev To a second before, at, or after a time that matters to a request.
  function passTo(uint256 chance) external {
    vm.assume(_open.length > 0);
    RequestBook storage some = _requests[_open[_draw(chance, "request", _open.length)]];
    uint256 time = _draw(chance, "which", 2) == 0 ? some.expiry : _end(some);
    time = time + _draw(chance, "offset", 3) - 1;
    vm.assume(time > block.timestamp);
    _passTo(time);
    vm.roll(block.number + 1);
  }

  function donate(uint256 chance) external {
    uint256 amount = _draw(chance, "amount", 1_000);
    token.mint(address(market), amount);
    _donated += amount;
  }

  // ---- Calls to the market, each as the books foretell it

  function _request(Request memory wanted) internal {
    uint256 price = wanted.ask.price();
    _mint(wanted.client, price);
    bool known = _isKnown[wanted.id()];
    _calls(wanted.client, abi.encodeCall(market.requestStorage, (wanted)), known ? "Request already exists" : "");
    if (!known) _bookRequest(wanted.id(), wanted.client, wanted.ask, wanted.expiry);
  }

  function _refund(RequestBook storage asked, address client) internal {
    string memory refusal = _whyNoRefund(asked, client);
    uint256 received = _calls(client, abi.encodeCall(market.withdrawFunds, asked.id), refusal);
    if (bytes(refusal).length == 0) _bookRefund(asked, received);
  }

  function _fill(SlotBook storage slot, address host) internal {
    string memory refusal = _whyNoFilling(slot, host);
    RequestBook storage wanted = _requests[slot.request];
    uint256 index = _placeOf[slot.id] - _firstSlot[wanted.id];
    _calls(host, abi.encodeCall(market.fillSlot, (wanted.id, index, PROOF)), refusal);
    if (bytes(refusal).length == 0) _bookFilling(slot, host);
  }

  function _free(SlotBook storage slot, address host) internal {
    string memory refusal = _whyNoFreeing(slot, host);
    bool over = _stateOf(slot) != SlotState.Filled;
    uint256 received = _calls(host, abi.encodeCall(market.freeSlot, slot.id), refusal);
    if (bytes(refusal).length > 0) return;
    if (over) _bookPayout(slot, received);
    else _bookLoss(slot);
  }

  function _prove(SlotBook storage slot, address host) internal {
    string memory refusal = _whyNoProof(slot, host);
    _calls(host, abi.encodeCall(market.submitProof, (slot.id, PROOF)), refusal);
    if (bytes(refusal).length == 0) _proven[slot.id][_period()] = true;
  }

  function _mark(SlotBook storage slot, uint256 period, address marker) internal {
    string memory refusal = _whyNoMark(slot, period);
    _calls(marker, abi.encodeCall(market.markProofAsMissing, (slot.id, period)), refusal);
    if (bytes(refusal).length == 0) _bookMiss(slot, period, marker);
  }

  function _deposit(uint256 amount, address account) internal {
    _mint(account, amount);
    _calls(account, abi.encodeCall(market.deposit, amount), "");
    _bookDeposit(account, amount);
  }

  function _withdraw(address account) internal {
    string memory refusal = _whyNoWithdrawal(account);
    _calls(account, abi.encodeCall(market.withdraw, ()), refusal);
    if (bytes(refusal).length == 0) _bookWithdrawal(account);
  }

  /// @dev Answers how many tokens the sender got.
  function _calls(address sender, bytes memory call, string memory refusal) internal returns (uint256 received) {
    uint256 before = token.balanceOf(sender);
    vm.prank(sender);
    (bool ok, bytes memory answer) = address(market).call(call);
    vm.assertEq(_reason(ok, answer), refusal, LAW_9);
    _tally[ok ? Happening.Accepted : Happening.Refused]++;
    if (ok) _observe();
    uint256 afterwards = token.balanceOf(sender);
    return afterwards > before ? afterwards - before : 0;
  }

  function _mint(address account, uint256 amount) private {
    token.mint(account, amount);
    _accounts[account].tokens += amount;
  }

  function _passTo(uint256 time) internal {
    vm.warp(time);
    _observe();
  }

  /// @dev Is told of every call that was accepted, and of the time that passes.
  function _observe() internal virtual;

  // ---- Choice

  function _fillWithCollateral(SlotBook storage slot, address host) private {
    uint256 needed = _collateral.initialAmount * (_accounts[host].slots + 1);
    if (_balance(host) < needed) _deposit(needed - _balance(host), host);
    _fill(slot, host);
  }

  /// @dev Goes on to a block in which the proof of a past period is still demanded; at most four challenges on.
  function _awaitDemand(SlotBook storage slot, uint256 period) private {
    for (uint256 challenges; challenges < 4; challenges++) {
      uint256 pointer = _pointer(slot.id, period);
      if (pointer < _proofs.downtime) vm.roll(block.number + _proofs.downtime - pointer);
      if (_drawn(slot, period)) return;
      vm.roll(block.number + 256 - _pointer(slot.id, period));
    }
  }

  /// @dev Discards the action when there is no such slot.
  function _someSlot(
    uint256 chance,
    function(SlotBook storage) view returns (bool) suits
  ) private view returns (SlotBook storage slot) {
    uint256[] memory places = _openSlots();
    vm.assume(places.length > 0);
    uint256 offset = _draw(chance, "slot", places.length);
    slot = _slots[places[offset]];
    for (uint256 step = 1; !suits(slot); step++) {
      vm.assume(step < places.length);
      slot = _slots[places[(offset + step) % places.length]];
    }
  }

  function _isFillable(SlotBook storage slot) private view returns (bool) {
    RequestState state = _stateOf(_requests[slot.request]);
    bool open = state == RequestState.New || state == RequestState.Started;
    return open && _stateOf(slot) == SlotState.Free && !_proven[slot.id][_period()];
  }

  function _isFilled(SlotBook storage slot) private view returns (bool) {
    return _stateOf(slot) == SlotState.Filled;
  }

  function _isProvable(SlotBook storage slot) private view returns (bool) {
    return _isFilled(slot) && !_proven[slot.id][_period()];
  }

  function _isPayable(SlotBook storage slot) private view returns (bool) {
    SlotState state = _stateOf(slot);
    return state == SlotState.Finished || state == SlotState.Failed;
  }

  function _actor(uint256 chance, string memory role) internal view returns (address) {
    return _actors[_draw(chance, role, _actors.length)];
  }
}
