// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProofVerifier, ProofStatement} from "./IProofVerifier.sol";
import {ProofParameters} from "./Request.sol";

/// @title A verifier for tests, which takes any bytes for a proof, but not none
contract TestVerifier is IProofVerifier {
  function canVerify(uint256, uint256, ProofParameters calldata) external pure returns (bool) {
    return true;
  }

  function verify(ProofStatement calldata, bytes calldata proof) external pure returns (bool) {
    return proof.length > 0;
  }
}
