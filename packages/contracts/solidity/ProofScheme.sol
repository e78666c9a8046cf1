// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// The proof scheme of MerkleProofVerifier, by which clients name it.
string constant PROOF_SCHEME = "pecia-sha256-64-v1";

// How many samples a proof reveals where the client has no say in it.
uint8 constant PROOF_SAMPLES = 5;
