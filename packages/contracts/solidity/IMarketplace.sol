// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CollateralConfig, ProofConfig} from "./Configuration.sol";
import {Ask, Request, RequestId, RequestState, SlotId, SlotState} from "./Request.sol";

/// @title A market for storage
/// @notice Clients pay in advance for slots of their data. Hosts put up collateral, fill slots, prove in every period
/// that they still keep them, and are paid when the request is over. All amounts are base units of one ERC-20 token.
interface IMarketplace {
  /// @notice A client asks for storage.
  event StorageRequested(RequestId requestId, Ask ask);

  /// @notice All slots have a host. Happens again when a lost slot of a started request was the last to be refilled.
  event RequestFulfilled(RequestId indexed requestId);

  /// @notice More slots were lost than the request can bear.
  event RequestFailed(RequestId indexed requestId);

  /// @notice The client took its money back.
  event RequestCancelled(RequestId indexed requestId);

  event SlotFilled(RequestId indexed requestId, uint256 indexed slotIndex, SlotId slotId);

  /// @notice A slot lost its host before the end.
  event SlotFreed(RequestId indexed requestId, SlotId slotId);

  event ProofSubmitted(SlotId id, bytes proof);

  // ---- Constants

  /// @notice The rules that were fixed at deployment.
  function config() external view returns (CollateralConfig memory collateral, ProofConfig memory proofs);

  /// @notice The money of this market.
  function token() external view returns (IERC20);

  // ---- Collateral

  /// @notice Adds to the caller's collateral, which backs all slots that the caller fills.
  function deposit(uint256 amount) external;

  /// @notice Pays the caller's whole collateral back, provided that the caller keeps no slot.
  function withdraw() external;

  /// @notice The collateral of an account.
  function balanceOf(address account) external view returns (uint256);

  // ---- Clients

  /// @notice Puts a request on the market and takes its whole price from the caller.
  function requestStorage(Request calldata request) external;

  /// @notice Pays the price of an expired request back to its client, the caller.
  function withdrawFunds(RequestId requestId) external;

  /// @notice Requests of the caller that have neither been withdrawn nor paid out, in no stable order.
  function myRequests() external view returns (RequestId[] memory);

  // ---- Hosts

  /// @notice Makes the caller the host of a free slot. Needs collateral and a first proof.
  function fillSlot(RequestId requestId, uint256 slotIndex, bytes calldata proof) external;

  /// @notice Ends the caller's care for a slot: pays if the request is over, gives the slot up if it is not.
  function freeSlot(SlotId slotId) external;

  /// @notice Slots that the caller keeps, in no stable order.
  function mySlots() external view returns (SlotId[] memory);

  // ---- Proofs

  /// @notice Hands in the proof of the current period.
  function submitProof(SlotId id, bytes calldata proof) external;

  /// @notice Counts a proof that was due in a past period and never came. Every so many of them cost the host
  /// collateral, and when too little is left, the slot.
  function markProofAsMissing(SlotId slotId, uint256 period) external;

  /// @notice How many proofs of the slot were marked as missing.
  function missingProofs(SlotId slotId) external view returns (uint256);

  /// @notice Whether a proof is due in the current period.
  function isProofRequired(SlotId id) external view returns (bool);

  /// @notice Whether a proof would be due in the current period, were it not for the downtime.
  function willProofBeRequired(SlotId id) external view returns (bool);

  /// @notice What the proof of the current period has to answer.
  function getChallenge(SlotId id) external view returns (bytes32);

  /// @notice How many blocks before the last one the block lies that the challenge is made of.
  function getPointer(SlotId id) external view returns (uint8);

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
