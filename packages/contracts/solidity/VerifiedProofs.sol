// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofVerifier, ProofStatement} from "./IProofVerifier.sol";
import {Proofs} from "./Proofs.sol";
import {ProofParameters, SlotId} from "./Request.sol";

/// @title Proofs that a verifier checks
abstract contract VerifiedProofs is Proofs {
  /// @notice Decides whether a proof is one.
  IProofVerifier public immutable verifier;

  constructor(IProofVerifier verifier_) {
    verifier = verifier_;
  }

  /// @dev Whether the proof answers the challenge of this moment.
  function _isVerified(
    SlotId slotId,
    uint256 slotIndex,
    uint256 slots,
    uint256 slotSize,
    ProofParameters memory parameters,
    bytes calldata proof
  ) internal view returns (bool) {
    bytes32 challenge = _currentChallenge(slotId);
    return verifier.verify(ProofStatement(challenge, slotId, slotIndex, slots, slotSize, parameters), proof);
  }
}
