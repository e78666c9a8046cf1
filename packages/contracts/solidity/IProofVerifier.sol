// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofParameters, SlotId} from "./Request.sol";

/// What a proof has to show: that the prover keeps this slot, now.
struct ProofStatement {
  bytes32 challenge; // what chance asks for
  SlotId slotId;
  uint256 slotIndex;
  uint256 slots; // of the whole request
  uint256 slotSize; // bytes
  ProofParameters parameters; // of the request: what the client says of its data
}

/// @title Checks the proofs of one proof scheme
interface IProofVerifier {
  /// @notice Whether the proofs of such a request can be verified at all.
  function canVerify(
    uint256 slots,
    uint256 slotSize,
    ProofParameters calldata parameters
  ) external view returns (bool);

  /// @notice Whether the proof shows what the statement says.
  /// @dev Only asked for parameters that it can verify.
  function verify(ProofStatement calldata statement, bytes calldata proof) external view returns (bool);
}
