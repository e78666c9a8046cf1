// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ask, Content, Erasure, ProofParameters, Request, RequestState, SlotId, SlotState} from "../../../solidity/Request.sol";
import {Bed} from "../Bed.sol";
import {vm} from "../Vm.sol";
import {RequestBook, SlotBook} from "./Books.sol";
import {MarketActions} from "./MarketActions.sol";
import {Refusals} from "./Refusals.sol";

/// @title What clients, hosts and markers do at a fixed price, in any order
abstract contract Actions is Bed, MarketActions, Refusals {
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
    RequestBook storage asked = _requests[_some(chance, _open, _isRefundable)];
    _refund(asked, asked.client);
  }

  // ---- Hosts

  /// @dev Half of the hosts look after their collateral before; the others may have too little.
  function fill(uint256 chance) external {
    address host = _actor(chance, "host");
    SlotBook storage slot = _someSlot(chance, _isFillable);
    if (_draw(chance, "looks", 2) == 0) _depositForOneMore(host);
    _fill(slot, host);
  }

  /// @dev All slots that are missing, by as many hosts as there are.
  function start(uint256 chance) external {
    RequestBook storage wanted = _requests[_someSlot(chance, _isFillable).request];
    uint256 first = _firstSlot[wanted.id];
    for (uint256 index; index < wanted.ask.slots; index++) {
      if (!_isFillable(first + index)) continue;
      address host = _actors[(chance % 1_000 + index) % _actors.length];
      _depositForOneMore(host);
      _fill(_slots[first + index], host);
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
      _awaitDemand(slot.id, period, _requests[slot.request].ask.proofProbability);
      if (_stateOf(slot) != SlotState.Filled) return;
      _mark(slot, period, marker);
    }
  }

  // ---- Time

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
    uint256 received = _pays(client, client, abi.encodeCall(market.withdrawFunds, asked.id), refusal);
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
    uint256 received = _pays(host, host, abi.encodeCall(market.freeSlot, slot.id), refusal);
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

  // ---- Choice

  function _someSlot(
    uint256 chance,
    function(uint256) view returns (bool) suits
  ) private view returns (SlotBook storage) {
    return _slots[_some(chance, _openSlots(), suits)];
  }

  function _isRefundable(uint256 place) private view returns (bool) {
    RequestBook storage asked = _requests[place];
    return bytes(_whyNoRefund(asked, asked.client)).length == 0;
  }

  function _isFillable(uint256 place) private view returns (bool) {
    SlotBook storage slot = _slots[place];
    RequestState state = _stateOf(_requests[slot.request]);
    bool open = state == RequestState.New || state == RequestState.Started;
    return open && _stateOf(slot) == SlotState.Free && !_proven[slot.id][_period()];
  }

  function _isFilled(uint256 place) private view returns (bool) {
    return _stateOf(_slots[place]) == SlotState.Filled;
  }

  function _isProvable(uint256 place) private view returns (bool) {
    return _isFilled(place) && !_proven[_slots[place].id][_period()];
  }

  function _isPayable(uint256 place) private view returns (bool) {
    SlotState state = _stateOf(_slots[place]);
    return state == SlotState.Finished || state == SlotState.Failed;
  }
}
