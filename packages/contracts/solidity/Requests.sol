// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Account} from "./Account.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {Market} from "./Market.sol";
import {Progress} from "./Progress.sol";
import {Request, RequestId, RequestState} from "./Request.sol";
import {RequestCode, Terms} from "./RequestCode.sol";

/// @title Requests, how far they have come, and what is left of their price
/// @dev Cancelled and finished are never written: time brings them about.
abstract contract Requests is IMarketplace, Market {
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

    Account memory account = _accounts[request.client];
    Progress memory progress;
    progress.number = number;
    progress.older = account.newestRequest;
    if (progress.older != 0) _progress[RequestCode.idOf(progress.older)].newer = number;
    progress.save(_progress[requestId]);
    account.newestRequest = number;
    account.requests += 1;
    account.save(_accounts[request.client]);
  }

  /// @dev Takes the request out of its client's list.
  function _close(Progress memory progress, address client) internal {
    Account memory account = _accounts[client];
    (uint32 older, uint32 newer) = (progress.older, progress.newer);
    if (newer == 0) account.newestRequest = older;
    else _progress[RequestCode.idOf(newer)].older = older;
    if (older != 0) _progress[RequestCode.idOf(older)].newer = newer;
    account.requests -= 1;
    account.save(_accounts[client]);
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
