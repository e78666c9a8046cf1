// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProofConfig} from "./Configuration.sol";
import {Periods} from "./Periods.sol";
import {SlotId, SlotState} from "./Request.sol";
import {Slots} from "./Slots.sol";

/// @title When proofs are due, which came, and which did not
/// @dev A challenge is made of the hash of a block that lies `pointer` blocks before the last one. The pointer rises with
/// every block, so that it names the same block until it wraps from 255 to 0 and a fresh one is taken. For `downtime`
/// blocks after that the block is too recent to be relied upon, and no proof is asked for.
abstract contract Proofs is Periods, Slots {
  struct Watch {
    uint256 start; // unix seconds at which the host took the slot
    uint256 probability; // about one proof in so many periods
    uint256 missed;
    mapping(uint256 period => bool) received;
    mapping(uint256 period => bool) missing;
  }

  uint256 private constant _POINTERS = 256; // as many block hashes as the EVM remembers

  uint256 internal immutable _timeout; // seconds
  uint8 internal immutable _downtime; // blocks

  mapping(SlotId => Watch) private _watches;

  constructor(ProofConfig memory rules) Periods(rules.period) {
    require(block.number > _POINTERS, "Insufficient block height");
    _timeout = rules.timeout;
    _downtime = rules.downtime;
  }

  function missingProofs(SlotId slotId) public view returns (uint256) {
    return _watches[slotId].missed;
  }

  function isProofRequired(SlotId id) external view returns (bool) {
    return _isRequired(id, _currentPeriod());
  }

  function willProofBeRequired(SlotId id) external view returns (bool) {
    uint256 period = _currentPeriod();
    return _isDrawn(id, period) && _pointer(id, period) < _downtime;
  }

  function getPointer(SlotId id) external view returns (uint8) {
    return _pointer(id, _currentPeriod());
  }

  function getChallenge(SlotId id) external view returns (bytes32) {
    return _challenge(id, _currentPeriod());
  }

  /// @dev Anyone may hand in a proof, of any slot, due or not.
  function submitProof(SlotId id, bytes calldata proof) public {
    require(proof.length > 0, "Invalid proof");
    mapping(uint256 => bool) storage received = _watches[id].received;
    uint256 period = _currentPeriod();
    require(!received[period], "Proof already submitted");
    received[period] = true;
    emit ProofSubmitted(id, proof);
  }

  /// @dev Proofs are due from the next period on. Earlier misses are not forgotten.
  function _watch(SlotId id, uint256 probability) internal {
    Watch storage watched = _watches[id];
    watched.start = block.timestamp;
    watched.probability = probability;
  }

  function _countMissingProof(SlotId id, uint256 period) internal {
    uint256 end = _periodEnd(period);
    require(end < block.timestamp, "Period has not ended yet");
    require(block.timestamp < end + _timeout, "Validation timed out");

    Watch storage watched = _watches[id];
    require(!watched.received[period], "Proof was submitted, not missing");
    require(_isRequired(id, period), "Proof was not required");
    require(!watched.missing[period], "Proof already marked as missing");

    watched.missing[period] = true;
    watched.missed += 1;
  }

  function _isRequired(SlotId id, uint256 period) private view returns (bool) {
    return _isDrawn(id, period) && _pointer(id, period) >= _downtime;
  }

  /// @dev Whether chance has picked the slot in this period. Downtime is made up for by a higher probability.
  function _isDrawn(SlotId id, uint256 period) private view returns (bool) {
    Watch storage watched = _watches[id];
    if (slotState(id) != SlotState.Filled || period <= _periodOf(watched.start)) return false;
    uint256 odds = (watched.probability * (_POINTERS - _downtime)) / _POINTERS;
    return odds == 0 || uint256(_challenge(id, period)) % odds == 0;
  }

  function _challenge(SlotId id, uint256 period) private view returns (bytes32) {
    bytes32 hash = blockhash(block.number - 1 - _pointer(id, period));
    assert(hash != 0);
    return keccak256(abi.encode(hash));
  }

  /// @dev (block number + period + id) mod 256.
  function _pointer(SlotId id, uint256 period) private view returns (uint8) {
    unchecked {
      return uint8(block.number) + uint8(period) + uint8(uint256(SlotId.unwrap(id)));
    }
  }
}
