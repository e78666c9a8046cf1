// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Which proofs came of late, and how many were missed. In bits, the highest first:
///
///   160      128      88         44        0
///   | missed | latest | received | marked |
///
/// `latest` is the newest period of which anything is known; bit i of `received` and `marked` is for the period latest - i.
type ProofLog is uint160;

using {missed, forgetMissed, wasReceived, isMarked, receiveProof, markMissing} for ProofLog global;

// periods that are remembered
uint256 constant PROOF_MEMORY = 44;

uint256 constant RING = (1 << PROOF_MEMORY) - 1;

/// How many proofs were marked as missing.
function missed(ProofLog log) pure returns (uint256) {
  return ProofLog.unwrap(log) >> 128;
}

/// The same for a new host.
function forgetMissed(ProofLog log) pure returns (ProofLog) {
  (, uint256 latest, uint256 received, ) = split(log);
  return join(0, latest, received, 0);
}

function wasReceived(ProofLog log, uint256 period) pure returns (bool) {
  (, uint256 latest, uint256 received, ) = split(log);
  return received & bitOf(period, latest) != 0;
}

function isMarked(ProofLog log, uint256 period) pure returns (bool) {
  (, uint256 latest, , uint256 marked) = split(log);
  return marked & bitOf(period, latest) != 0;
}

/// With a proof of the current period, than which none is newer.
function receiveProof(ProofLog log, uint256 period) pure returns (ProofLog) {
  (uint256 misses, uint256 latest, uint256 received, uint256 marked) = split(log);
  uint256 steps = period - latest;
  return join(misses, period, (received << steps) | 1, marked << steps);
}

/// With a missing proof of a past period that is still remembered.
function markMissing(ProofLog log, uint256 period) pure returns (ProofLog) {
  (uint256 misses, uint256 latest, uint256 received, uint256 marked) = split(log);
  if (period <= latest) return join(misses + 1, latest, received, marked | bitOf(period, latest));
  uint256 steps = period - latest;
  return join(misses + 1, period, received << steps, (marked << steps) | 1);
}

/// Zero for a period that is newer or older than those remembered.
function bitOf(uint256 period, uint256 latest) pure returns (uint256) {
  return period > latest ? 0 : (1 << (latest - period)) & RING;
}

function split(ProofLog log) pure returns (uint256 misses, uint256 latest, uint256 received, uint256 marked) {
  uint256 word = ProofLog.unwrap(log);
  return (word >> 128, uint40(word >> 88), (word >> 44) & RING, word & RING);
}

function join(uint256 misses, uint256 latest, uint256 received, uint256 marked) pure returns (ProofLog) {
  return ProofLog.wrap(uint160((misses << 128) | (latest << 88) | ((received & RING) << 44) | (marked & RING)));
}
