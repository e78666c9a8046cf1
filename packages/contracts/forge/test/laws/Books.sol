// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ask, RequestId, RequestState, SlotId, SlotState} from "../../../solidity/Request.sol";
import {Happening, MarketBooks} from "./MarketBooks.sol";

/// What is known of a request without asking the market.
struct RequestBook {
  RequestId id;
  address client;
  Ask ask;
  uint256 expiry;
  uint256 createdAt; // unix seconds
  uint256 failedAt; // unix seconds; zero unless it has failed
  uint256 filled; // slots that have a host
  bool started;
  bool refunded;
  bool listed; // among its client's requests
  uint256 paid; // tokens that really reached its hosts
  uint256 returned; // tokens that really reached its client
  RequestState seen; // the market's own word, when it was last asked
}

/// What is known of a slot without asking the market.
struct SlotBook {
  SlotId id;
  uint256 request; // where its request stands in the books
  address host;
  uint256 filledAt; // unix seconds
  bool early; // filled before the request had started
  bool paid;
  uint256 fillings;
  uint256 missed;
  SlotState seen; // the market's own word, when it was last asked
}

/// @title The books of a market at a fixed price, kept by the rules alone
abstract contract Books is MarketBooks {
  RequestBook[] internal _requests;
  SlotBook[] internal _slots; // those of a request stand together
  uint256[] internal _open; // where those requests stand with which somebody still has to do
  mapping(RequestId => bool) internal _isKnown;
  mapping(RequestId => uint256) internal _firstSlot; // where it stands; the others follow
  mapping(SlotId => uint256) internal _placeOf; // where a slot stands
  mapping(SlotId => mapping(uint256 filling => mapping(uint256 period => bool))) internal _marked;

  // ---- What was done

  function _bookRequest(RequestId id, address client, Ask memory ask, uint256 expiry) internal {
    _isKnown[id] = true;
    _firstSlot[id] = _slots.length;
    for (uint256 index; index < ask.slots; index++) {
      _placeOf[id.slotId(index)] = _slots.length;
      SlotBook storage slot = _slots.push();
      slot.id = id.slotId(index);
      slot.request = _requests.length;
    }
    _open.push(_requests.length);
    RequestBook storage request = _requests.push();
    request.id = id;
    request.client = client;
    request.ask = ask;
    request.expiry = expiry;
    request.createdAt = block.timestamp;
    request.listed = true;
    _accounts[client].tokens -= ask.price();
  }

  function _bookFilling(SlotBook storage slot, address host) internal {
    RequestBook storage request = _requests[slot.request];
    slot.host = host;
    slot.filledAt = block.timestamp;
    slot.early = !request.started;
    if (slot.fillings++ > 0) _tally[Happening.Refilled]++;
    slot.missed = 0;
    _proven[slot.id][_period()] = true;
    _accounts[host].held++;
    request.filled++;
    if (request.filled == request.ask.slots) request.started = true;
  }

  function _bookLoss(SlotBook storage slot) internal {
    RequestBook storage request = _requests[slot.request];
    _accounts[slot.host].held--;
    slot.host = address(0);
    request.filled--;
    bool tooMany = request.ask.slots - request.filled > request.ask.maxSlotLoss;
    if (!request.started || !tooMany) return;
    request.failedAt = block.timestamp;
    _tally[Happening.RequestFailed]++;
  }

  /// @param received how many tokens really were paid
  function _bookPayout(SlotBook storage slot, uint256 received) internal {
    RequestBook storage request = _requests[slot.request];
    request.paid += received;
    _accounts[slot.host].tokens += _earned(slot);
    if (_stateOf(request) == RequestState.Finished && _rest(request) == 0) request.listed = false;
    _accounts[slot.host].held--;
    _count(request, Happening.PaidCancelled, Happening.PaidFinished, Happening.PaidFailed);
    slot.paid = true;
  }

  /// @param received how many tokens really were paid
  function _bookRefund(RequestBook storage request, uint256 received) internal {
    request.returned += received;
    _accounts[request.client].tokens += _rest(request);
    _count(request, Happening.RefundedCancelled, Happening.RefundedFinished, Happening.RefundedFailed);
    request.refunded = true;
    request.listed = false;
  }

  function _bookMiss(SlotBook storage slot, uint256 period, address marker) internal {
    _marked[slot.id][slot.fillings][period] = true;
    slot.missed++;
    if (_bookSlash(slot.host, marker, slot.missed)) _bookLoss(slot);
  }

  /// @dev Puts requests aside that are over, and with which client and hosts are done.
  function _bookSettlements() internal {
    for (uint256 place = _open.length; place > 0; place--) {
      if (!_isSettled(_requests[_open[place - 1]])) continue;
      _open[place - 1] = _open[_open.length - 1];
      _open.pop();
    }
  }

  function _isSettled(RequestBook storage request) private view returns (bool) {
    RequestState state = _stateOf(request);
    if (request.listed || state == RequestState.New || state == RequestState.Started) return false;
    uint256 first = _firstSlot[request.id];
    for (uint256 index; index < request.ask.slots; index++) {
      SlotBook storage slot = _slots[first + index];
      if (slot.host != address(0) && !slot.paid) return false;
    }
    return true;
  }

  /// @dev Which of these happened to a request that is over.
  function _count(RequestBook storage request, Happening cancelled, Happening finished, Happening failed) private {
    RequestState state = _stateOf(request);
    _tally[state == RequestState.Cancelled ? cancelled : state == RequestState.Finished ? finished : failed]++;
  }

  // ---- What follows

  function _isLocked(address account) internal view override returns (bool) {
    return _accounts[account].held > 0;
  }

  /// @dev Where the slots of open requests stand.
  function _openSlots() internal view returns (uint256[] memory places) {
    uint256 count;
    for (uint256 place; place < _open.length; place++) count += _requests[_open[place]].ask.slots;
    places = new uint256[](count);
    for (uint256 place; place < _open.length; place++) {
      RequestBook storage request = _requests[_open[place]];
      uint256 first = _firstSlot[request.id];
      for (uint256 index = request.ask.slots; index > 0; index--) places[--count] = first + index - 1;
    }
  }

  function _stateOf(RequestBook storage request) internal view returns (RequestState) {
    if (request.failedAt > 0) return RequestState.Failed;
    if (request.started) return block.timestamp > _end(request) ? RequestState.Finished : RequestState.Started;
    return block.timestamp > request.expiry ? RequestState.Cancelled : RequestState.New;
  }

  function _stateOf(SlotBook storage slot) internal view returns (SlotState) {
    if (slot.host == address(0)) return SlotState.Free;
    if (slot.paid) return SlotState.Paid;
    RequestState request = _stateOf(_requests[slot.request]);
    if (request == RequestState.Failed) return SlotState.Failed;
    return request == RequestState.New || request == RequestState.Started ? SlotState.Filled : SlotState.Finished;
  }

  function _end(RequestBook storage request) internal view returns (uint256) {
    return request.createdAt + request.ask.duration;
  }

  /// @dev Tokens, for a slot of a request that is over.
  function _earned(SlotBook storage slot) internal view returns (uint256) {
    if (slot.host == address(0)) return 0;
    RequestBook storage request = _requests[slot.request];
    RequestState state = _stateOf(request);
    uint256 end = _end(request);
    if (state == RequestState.Cancelled) end = request.expiry;
    if (state == RequestState.Failed) end = request.failedAt;
    bool fromTheStart = slot.early && state == RequestState.Finished;
    return request.ask.reward * (end - (fromTheStart ? request.createdAt : slot.filledAt));
  }

  /// @dev Tokens that belong to the client of a request that is over.
  function _rest(RequestBook storage request) internal view returns (uint256 rest) {
    rest = request.ask.price();
    uint256 first = _firstSlot[request.id];
    for (uint256 index; index < request.ask.slots; index++) rest -= _earned(_slots[first + index]);
  }

  /// @dev Whether chance asks for a proof, were it not for the downtime.
  function _drawn(SlotBook storage slot, uint256 period) internal view returns (bool) {
    if (_stateOf(slot) != SlotState.Filled || period <= slot.filledAt / _proofs.period) return false;
    return _isChosen(slot.id, period, _requests[slot.request].ask.proofProbability);
  }
}
