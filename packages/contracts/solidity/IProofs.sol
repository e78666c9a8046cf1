// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SlotId} from "./Request.sol";

/// @title Proofs of storage, due in periods that chance picks
interface IProofs {
  event ProofSubmitted(SlotId id, bytes proof);

  /// @notice Hands in the proof of the current period. Only the slot's host can, due or not.
  /// @dev Reverts with "Slot is free", "Slot filled by other host" (in the market by offers: "Contract not started", "Only
  /// host can call this function"), "Invalid proof", "Proof already submitted".
  function submitProof(SlotId id, bytes calldata proof) external;

  /// @notice Counts a proof that was due in a past period and never came. Anyone can. Every so many of them cost the host
  /// collateral, of which the caller gets a part, and when too little is left, the slot.
  /// @dev Reverts with "Slot not accepting proofs", "Period has not ended yet", "Validation timed out",
  /// "Proof was submitted, not missing", "Proof was not required", "Proof already marked as missing".
  function markProofAsMissing(SlotId slotId, uint256 period) external;

  /// @notice How many proofs of the slot were marked as missing since its last host took it.
  function missingProofs(SlotId slotId) external view returns (uint256);

  /// @notice Whether a proof is due in the current period.
  function isProofRequired(SlotId id) external view returns (bool);

  /// @notice Whether a proof would be due in the current period, were it not for the downtime.
  function willProofBeRequired(SlotId id) external view returns (bool);

  /// @notice What the proof of the current period has to answer.
  function getChallenge(SlotId id) external view returns (bytes32);

  /// @notice How many blocks before the last one the block lies that the challenge is made of.
  function getPointer(SlotId id) external view returns (uint8);
}
