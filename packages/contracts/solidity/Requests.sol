// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMarketplace} from "./IMarketplace.sol";
import {Request, RequestId, RequestState} from "./Request.sol";

/// @title Requests, how far they have come, and who they belong to
abstract contract Requests is IMarketplace {
  using EnumerableSet for EnumerableSet.Bytes32Set;

  struct Progress {
    RequestState state; // as last written; `requestState` adds what time alone has changed
    uint64 slotsFilled;
    uint256 endsAt; // unix seconds
  }

  mapping(RequestId => Request) internal _requests;
  mapping(RequestId => Progress) internal _progress;
  mapping(address client => EnumerableSet.Bytes32Set) private _requestsOf;

  modifier known(RequestId requestId) {
    require(_exists(requestId), "Unknown request");
    _;
  }

  function getRequest(RequestId requestId) external view known(requestId) returns (Request memory) {
    return _requests[requestId];
  }

  function requestEnd(RequestId requestId) external view returns (uint256) {
    RequestState state = requestState(requestId);
    uint256 end = _progress[requestId].endsAt;
    bool isRunning = state == RequestState.New || state == RequestState.Started;
    return isRunning ? end : Math.min(end, block.timestamp - 1);
  }

  function requestState(RequestId requestId) public view known(requestId) returns (RequestState) {
    Progress storage progress = _progress[requestId];
    if (progress.state == RequestState.New && block.timestamp > _requests[requestId].expiry) {
      return RequestState.Cancelled;
    }
    if (progress.state == RequestState.Started && block.timestamp > progress.endsAt) {
      return RequestState.Finished;
    }
    return progress.state;
  }

  function myRequests() external view returns (RequestId[] memory ids) {
    bytes32[] memory raw = _requestsOf[msg.sender].values();
    assembly ("memory-safe") {
      ids := raw // the same words; the compiler cannot convert arrays of them
    }
  }

  function _exists(RequestId requestId) internal view returns (bool) {
    return _requests[requestId].client != address(0);
  }

  /// @dev The end is fixed here, and does not move when the request starts.
  function _addRequest(RequestId requestId, Request calldata request) internal {
    _requests[requestId] = request;
    _progress[requestId].endsAt = block.timestamp + request.ask.duration;
    _requestsOf[request.client].add(RequestId.unwrap(requestId));
  }

  /// @dev The client has no more to expect from this request.
  function _closeRequest(RequestId requestId, RequestState state) internal {
    _progress[requestId].state = state;
    _requestsOf[_requests[requestId].client].remove(RequestId.unwrap(requestId));
  }
}
