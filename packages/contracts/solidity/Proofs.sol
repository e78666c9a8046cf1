// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ProofConfig} from "./Configuration.sol";
import {IProofs} from "./IProofs.sol";
import {Periods} from "./Periods.sol";
import {PROOF_MEMORY, ProofLog} from "./ProofLog.sol";
import {SlotId} from "./Request.sol";

/// @title When proofs are due, and what they have to answer
/// @dev A challenge is made of the hash of a block that lies `pointer` blocks before the last one. Within a period the
/// pointer rises with every block, so that it names the same block until it wraps from 255 to 0 and a fresh one is taken.
/// For `downtime` blocks after that the block is too recent to be relied upon, and no proof is asked for. Where the pointer
/// stands when a period begins is drawn anew for each, so that it hides in the downtime at no rate of blocks.
abstract contract Proofs is IProofs, Periods {
  uint256 private constant _POINTERS = 256; // as many block hashes as the EVM remembers

  uint256 internal immutable _timeout; // seconds
  uint8 internal immutable _downtime; // blocks

  constructor(ProofConfig memory rules) Periods(rules.period) {
    require(block.number > _POINTERS, "Insufficient block height");
    require(rules.period > 0, "Invalid period");
    // of what can still be marked, nothing may be forgotten
    require(Math.ceilDiv(rules.timeout, PROOF_MEMORY - 2) <= rules.period, "Timeout too long");
    _timeout = rules.timeout;
    _downtime = rules.downtime;
  }

  function isProofRequired(SlotId id) external view returns (bool) {
    uint256 period = _currentPeriod();
    return _isDrawn(id, period) && _pointer(id, period) >= _downtime;
  }

  function willProofBeRequired(SlotId id) external view returns (bool) {
    uint256 period = _currentPeriod();
    return _isDrawn(id, period) && _pointer(id, period) < _downtime;
  }

  function getPointer(SlotId id) external view returns (uint8) {
    return _pointer(id, _currentPeriod());
  }

  function getChallenge(SlotId id) external view returns (bytes32) {
    return _currentChallenge(id);
  }

  function _proofConfig() internal view returns (ProofConfig memory) {
    return ProofConfig(_periodLength, _timeout, _downtime);
  }

  /// @dev From when on, and how often, proofs of a slot are due: about one in `probability` periods. Start zero: never.
  function _proofTerms(SlotId id) internal view virtual returns (uint256 start, uint256 probability);

  function _currentChallenge(SlotId id) internal view returns (bytes32) {
    return _challenge(_pointer(id, _currentPeriod()));
  }

  /// @dev The log with a proof of this moment, `isProven` if it answers the challenge.
  function _logProof(ProofLog log, SlotId id, bytes calldata proof, bool isProven) internal returns (ProofLog) {
    require(isProven, "Invalid proof");
    uint256 period = _currentPeriod();
    require(!log.wasReceived(period), "Proof already submitted");
    emit ProofSubmitted(id, proof);
    return log.receiveProof(period);
  }

  /// @dev The log with a proof that was due and did not come. The pointer is that of the block in which this is asked.
  function _logMiss(
    ProofLog log,
    SlotId id,
    uint256 period,
    uint256 start,
    uint256 probability
  ) internal view returns (ProofLog) {
    uint256 end = _periodEnd(period);
    require(end < block.timestamp, "Period has not ended yet");
    require(block.timestamp < end + _timeout, "Validation timed out");
    require(!log.wasReceived(period), "Proof was submitted, not missing");
    uint8 pointer = _pointer(id, period);
    require(
      period > _periodOf(start) && _isChosen(pointer, probability) && pointer >= _downtime,
      "Proof was not required"
    );
    require(!log.isMarked(period), "Proof already marked as missing");
    return log.markMissing(period);
  }

  function _isDrawn(SlotId id, uint256 period) private view returns (bool) {
    (uint256 start, uint256 probability) = _proofTerms(id);
    return start != 0 && period > _periodOf(start) && _isChosen(_pointer(id, period), probability);
  }

  /// @dev Whether chance has picked the slot. Downtime is made up for by a higher probability.
  function _isChosen(uint8 pointer, uint256 probability) private view returns (bool) {
    uint256 odds = (probability * (_POINTERS - _downtime)) / _POINTERS;
    return odds == 0 || uint256(_challenge(pointer)) % odds == 0;
  }

  function _challenge(uint8 pointer) private view returns (bytes32) {
    bytes32 hash = blockhash(block.number - 1 - pointer);
    assert(hash != 0);
    return keccak256(abi.encode(hash));
  }

  function _pointer(SlotId id, uint256 period) private view returns (uint8) {
    uint256 start = uint256(keccak256(abi.encode(id, period)));
    unchecked {
      return uint8(block.number) + uint8(start);
    }
  }
}
