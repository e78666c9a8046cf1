// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IProofVerifier, ProofStatement} from "./IProofVerifier.sol";
import {PROOF_SCHEME} from "./ProofScheme.sol";
import {ProofParameters} from "./Request.sol";

/// @title Verifies samples of a slot against the root of its dataset: the scheme pecia-sha256-64-v1
/// @notice A slot's 32-byte chunks are the leaves of a binary sha256 tree: a node is sha256(left, right), leaves are not hashed,
/// missing ones are zero. The roots of all slots are the leaves of another such tree. Of its data the client says the root
/// of that tree (`u`, 32 bytes) and how many samples a proof reveals (`publicKey`, one byte, 1 to 64).
///
/// Sample i is the pair of chunks number uint256(keccak256(abi.encode(challenge, slotId, i))) mod (slotSize / 64). Who lacks a
/// share x of the slot passes with a probability of (1 - x) ^ samples.
/// @dev A proof is a row of 32-byte nodes and nothing else:
///
///      sample 0                             sample 1, 2, ...   once, after the last sample
///     +------+-------+---------+-   -+---------+-         -+---------+-   -+---------+
///     | left | right | sibling | ... | sibling |    ...    | sibling | ... | sibling |
///     +------+-------+---------+-   -+---------+-         -+---------+-   -+---------+
///     | pair         | from above the pair     |           | from the slot root      |
///     |              | up to the slot root     |           | up to the dataset root  |
///
/// A path has as many siblings as its tree has levels. That of a sample begins with `right`: it leads from the left chunk,
/// which has an even number, to the slot root.
contract MerkleProofVerifier is IProofVerifier {
  bytes32 private constant NAME_HASH = keccak256(bytes(PROOF_SCHEME));
  uint256 private constant MAX_SAMPLES = 64;
  uint256 private constant MAX_SLOTS = type(uint64).max;
  uint256 private constant MAX_SLOT_SIZE = type(uint64).max; // bytes
  uint256 private constant SLOT_GRANULARITY = 65_536; // bytes
  uint256 private constant NODE = 32; // bytes

  /// @inheritdoc IProofVerifier
  function canVerify(
    uint256 slots,
    uint256 slotSize,
    ProofParameters calldata parameters
  ) external pure returns (bool) {
    if (slots == 0 || slots > MAX_SLOTS) return false;
    if (slotSize == 0 || slotSize > MAX_SLOT_SIZE || slotSize % SLOT_GRANULARITY != 0) return false;
    if (keccak256(parameters.name) != NAME_HASH) return false;
    if (parameters.u.length != NODE || parameters.publicKey.length != 1) return false;
    uint256 samples = _samples(parameters);
    return samples > 0 && samples <= MAX_SAMPLES;
  }

  /// @inheritdoc IProofVerifier
  /// @dev All samples have to lead to the same slot root, so that its path to the dataset root is climbed once.
  function verify(ProofStatement calldata statement, bytes calldata proof) external view returns (bool) {
    if (statement.slotIndex >= statement.slots) return false;
    uint256 samples = _samples(statement.parameters);
    uint256 sampleLength = NODE * (1 + _depth(statement.slotSize / NODE));
    if (proof.length != samples * sampleLength + NODE * _depth(statement.slots)) return false;

    bytes32 slotRoot;
    for (uint256 i = 0; i < samples; ++i) {
      bytes32 root = _slotRoot(statement, i, proof[:sampleLength]);
      if (i > 0 && root != slotRoot) return false;
      slotRoot = root;
      proof = proof[sampleLength:];
    }
    return _climb(slotRoot, statement.slotIndex, proof) == bytes32(statement.parameters.u);
  }

  function _samples(ProofParameters calldata parameters) private pure returns (uint256) {
    return uint8(parameters.publicKey[0]);
  }

  /// @dev How many levels a tree has above its leaves.
  function _depth(uint256 leaves) private pure returns (uint256) {
    return Math.log2(leaves, Math.Rounding.Ceil);
  }

  /// @dev The root of the only slot in which these bytes are sample i.
  function _slotRoot(
    ProofStatement calldata statement,
    uint256 i,
    bytes calldata sample
  ) private view returns (bytes32) {
    uint256 pairs = statement.slotSize / (2 * NODE);
    uint256 pair = uint256(keccak256(abi.encode(statement.challenge, statement.slotId, i))) % pairs;
    return _climb(bytes32(sample[:NODE]), 2 * pair, sample[NODE:]);
  }

  /// @dev The root to which the path leads from a node. The bits of the node's index in its row, from the lowest on, tell on
  /// which side of its sibling it stands on each level: 0 left, 1 right. An index has no more bits than its path has levels.
  function _climb(bytes32 node, uint256 index, bytes calldata path) private view returns (bytes32 root) {
    uint256 levels = path.length / NODE;
    assembly ("memory-safe") {
      // Bytes 0 to 63 of the memory hold a pair. The lowest of the bits, times 32, is where in it the node goes; a bit of 1
      // above those of the index tells where they end.
      let bits := shl(5, or(index, shl(levels, 1)))
      let sibling := path.offset
      mstore(and(bits, 0x20), node)
      // Two levels a turn save a tenth of the gas. The contract at address 2 is sha256. It fails only for want of gas, and has
      // then used up all but a 64th of it: of less than 86, so that nothing after it can run and everything is undone.
      for { } gt(bits, 0x7f) { sibling := add(sibling, 0x40) } {
        mstore(and(not(bits), 0x20), calldataload(sibling))
        bits := shr(1, bits)
        pop(staticcall(gas(), 0x02, 0x00, 0x40, and(bits, 0x20), 0x20))
        mstore(and(not(bits), 0x20), calldataload(add(sibling, 0x20)))
        bits := shr(1, bits)
        pop(staticcall(gas(), 0x02, 0x00, 0x40, and(bits, 0x20), 0x20))
      }
      // The last one of an odd number of levels.
      if gt(bits, 0x3f) {
        mstore(and(not(bits), 0x20), calldataload(sibling))
        pop(staticcall(gas(), 0x02, 0x00, 0x40, 0x20, 0x20))
      }
      root := mload(0x20)
    }
  }
}
