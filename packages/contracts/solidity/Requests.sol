// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Collateral} from "./Collateral.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {Request, RequestId, RequestState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";

/// @title Requests, how far they have come, and what is left of their price
/// @dev Cancelled and finished are never written: time brings them about.
abstract contract Requests is IMarketplace, Collateral {
  /// @dev One word. The sums are over the slots that have a host; they stand still once the request is over.
  struct Progress {
    uint32 number; // of the request's code; from 1 on
    uint16 slotsFilled;
    RequestState state; // new, started or failed
    bool isClosed; // nothing of the price is left for the client, and the request is not in its list
    uint32 failedAfter; // seconds since the request was made
    uint48 storedSeconds; // from each slot's filling to the end of the request
    uint48 earlySeconds; // from the request's making to the filling, of slots that were filled before it started
    uint32 older; // neighbours in the list of the client's requests, by number
    uint32 newer;
  }

  uint32 private _requestCount;
  mapping(RequestId => Progress) internal _progress;

  function getRequest(RequestId requestId) external view returns (Request memory) {
    return RequestCode.load(_known(requestId).number);
  }

  function requestEnd(RequestId requestId) external view returns (uint256) {
    Progress memory progress = _known(requestId);
    Terms memory terms = RequestCode.loadTerms(progress.number);
    RequestState state = _stateOf(progress, terms);
    if (state == RequestState.Failed) return terms.createdAt + progress.failedAfter - 1;
    return _isOpen(state) ? terms.end : Math.min(terms.end, block.timestamp - 1);
  }

  function requestState(RequestId requestId) external view returns (RequestState) {
    Progress memory progress = _known(requestId);
    return _stateOf(progress, RequestCode.loadTerms(progress.number));
  }

  function myRequests() external view returns (RequestId[] memory ids) {
    ids = new RequestId[](_accounts[msg.sender].requests);
    uint256 number = _accounts[msg.sender].newestRequest;
    for (uint256 i = 0; i < ids.length; ++i) {
      ids[i] = RequestCode.idOf(number);
      number = _progress[ids[i]].older;
    }
  }

  function _known(RequestId requestId) internal view returns (Progress memory progress) {
    progress = _progress[requestId];
    require(progress.number != 0, "Unknown request");
  }

  function _stateOf(Progress memory progress, Terms memory terms) internal view returns (RequestState) {
    if (progress.state == RequestState.New && block.timestamp > terms.expiry) return RequestState.Cancelled;
    if (progress.state == RequestState.Started && block.timestamp > terms.end) return RequestState.Finished;
    return progress.state;
  }

  /// @dev Whether the request is not over.
  function _isOpen(RequestState state) internal pure returns (bool) {
    return state == RequestState.New || state == RequestState.Started;
  }

  function _addRequest(RequestId requestId, Request calldata request) internal {
    uint32 number = ++_requestCount;
    RequestCode.store(number, requestId, request);

    Account storage account = _accounts[request.client];
    uint32 older = account.newestRequest;
    if (older != 0) _progress[RequestCode.idOf(older)].newer = number;
    account.newestRequest = number;
    account.requests += 1;
    Progress storage progress = _progress[requestId];
    progress.number = number;
    progress.older = older;
  }

  /// @dev Takes the request out of its client's list.
  function _close(Progress memory progress, address client) internal {
    Account storage account = _accounts[client];
    (uint32 older, uint32 newer) = (progress.older, progress.newer);
    if (newer == 0) account.newestRequest = older;
    else _progress[RequestCode.idOf(newer)].older = older;
    if (older != 0) _progress[RequestCode.idOf(older)].newer = newer;
    account.requests -= 1;
    progress.isClosed = true;
  }

  /// @dev What the client gets back when the request is over: the price without what its slots earn, paid out or not.
  function _refund(Progress memory progress, Terms memory terms, RequestState state) internal pure returns (uint256) {
    uint256 earned = progress.storedSeconds;
    if (state == RequestState.Cancelled) earned -= progress.slotsFilled * (terms.end - terms.expiry);
    else if (state == RequestState.Failed) earned -= progress.slotsFilled * (terms.duration - progress.failedAfter);
    else earned += progress.earlySeconds;
    return (terms.slots * terms.duration - earned) * terms.reward;
  }
}
