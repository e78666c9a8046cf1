// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarket} from "./IMarket.sol";
import {Ask, Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";

/// @title A market for storage
/// @notice Clients pay in advance for slots of their data. Hosts put up collateral, fill slots, prove in every period
/// that they still keep them, and are paid when the request is over. Whatever hosts do not earn, the client gets back.
interface IMarketplace is IMarket {
  /// @notice A client asks for storage.
  event StorageRequested(RequestId requestId, Ask ask);

  /// @notice All slots have a host. Happens again when a lost slot of a started request was the last to be refilled.
  event RequestFulfilled(RequestId indexed requestId);

  /// @notice More slots were lost than the request can bear.
  event RequestFailed(RequestId indexed requestId);

  /// @notice The request expired, and its client took back what the hosts had not earned.
  event RequestCancelled(RequestId indexed requestId);

  event SlotFilled(RequestId indexed requestId, uint256 indexed slotIndex, SlotId slotId);

  /// @notice A slot lost its host before the end.
  event SlotFreed(RequestId indexed requestId, SlotId slotId);

  // ---- Clients

  /// @notice Puts a request on the market and takes its whole price from the caller, its client.
  /// @dev Reverts with "Invalid client address", "Request already exists"; for requests that can never work with "Invalid
  /// slots" (1 to 65,535), "Invalid max slot loss" (more than there are slots), "Invalid duration" (0, or beyond 32
  /// bits), "Invalid expiry" (not before the end; one in the past is allowed, and cancels the request at once), "Invalid
  /// reward" (beyond 128 bits), "Invalid slot size" and "Invalid proof probability" (beyond 64 bits), "Invalid proof
  /// parameters" (the market's verifier cannot use them), "Request too large" (its cid and proof parameters exceed 24,424
  /// bytes); and with what the token says.
  function requestStorage(Request calldata request) external;

  /// @notice Pays what no host has earned back to the client, the caller: of a request that has expired, has failed, or
  /// has finished with slots that were empty for a time. Once, and not before the expiry.
  /// @dev Reverts with "Request not yet timed out", "Invalid client address"; with "Invalid state" when there is nothing to
  /// pay back, or not yet.
  function withdrawFunds(RequestId requestId) external;

  /// @notice Requests of the caller with which it still has to do, in no stable order: those that are not over, and
  /// those of whose price something is left.
  function myRequests() external view returns (RequestId[] memory);

  // ---- Hosts

  /// @notice Makes the caller the host of a free slot. Needs collateral and a first proof.
  /// @dev Reverts with "Unknown request", "Invalid slot", "Slot is not free", "Insufficient collateral", "Invalid proof",
  /// "Proof already submitted" (the slot had a host who proved it in this very period).
  function fillSlot(RequestId requestId, uint256 slotIndex, bytes calldata proof) external;

  /// @notice Ends the caller's care for a slot. While the request goes on, the slot is given up for nothing. When it is
  /// over, the host is paid: for the time stored, if the request was cancelled or has failed; if it has finished, for the time
  /// from the filling to the end, or for the whole duration where the slot was filled before the request started.
  /// @dev Reverts with "Slot is free", "Slot filled by other host", "Already paid".
  function freeSlot(SlotId slotId) external;

  /// @notice Slots that the caller keeps, in no stable order.
  function mySlots() external view returns (SlotId[] memory);

  // ---- Requests and slots

  function getRequest(RequestId requestId) external view returns (Request memory);

  /// @notice Unix time at which the request ends, or ended.
  function requestEnd(RequestId requestId) external view returns (uint256);

  function requestState(RequestId requestId) external view returns (RequestState);

  function slotState(SlotId slotId) external view returns (SlotState);

  /// @notice The host of a slot, or the zero address.
  function getHost(SlotId slotId) external view returns (address);

  /// @notice The request that a slot belongs to, and which of its slots it is. Only for slots with a host.
  function getActiveSlot(SlotId slotId) external view returns (Request memory request, uint256 slotIndex);
}
