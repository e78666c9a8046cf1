// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Bytes that only their seed decides.
struct TestData {
  bytes32 seed;
  uint256 slots;
  uint256 slotSize; // bytes
  uint256 chunks; // of each slot, 32 bytes each; what is behind them is zero
}

/// @title Makes proofs of the scheme pecia-sha256-64-v1
/// @dev Straight from the words of the scheme, and without a line of what verifies them.
contract SlotProofMaker {
  function make(
    TestData calldata data,
    uint256 slotIndex,
    uint256 samples,
    bytes32 slotId,
    bytes32 challenge
  ) external pure returns (bytes32 datasetRoot, bytes memory proof) {
    bytes32[][] memory slot = _slotTree(data, slotIndex);
    for (uint256 i = 0; i < samples; i++) {
      uint256 pair = uint256(keccak256(abi.encode(challenge, slotId, i))) % (data.slotSize / 64);
      bytes memory path = _siblings(slot, 1, pair);
      proof = bytes.concat(proof, slot[0][2 * pair], slot[0][2 * pair + 1], path);
    }
    bytes32[] memory slotRoots = new bytes32[](data.slots);
    for (uint256 i = 0; i < data.slots; i++) slotRoots[i] = _rootOf(_slotTree(data, i));
    bytes32[][] memory dataset = _treeOver(slotRoots);
    return (_rootOf(dataset), bytes.concat(proof, _siblings(dataset, 0, slotIndex)));
  }

  function _slotTree(TestData calldata data, uint256 slotIndex) private pure returns (bytes32[][] memory) {
    bytes32[] memory chunks = new bytes32[](data.slotSize / 32);
    for (uint256 i = 0; i < data.chunks; i++) chunks[i] = keccak256(abi.encode(data.seed, slotIndex, i));
    return _treeOver(chunks);
  }

  /// @dev All rows from the leaves, with the missing ones, up to the root.
  function _treeOver(bytes32[] memory leaves) private pure returns (bytes32[][] memory rows) {
    uint256 depth = 0;
    while (2 ** depth < leaves.length) depth++;
    rows = new bytes32[][](depth + 1);
    rows[0] = new bytes32[](2 ** depth);
    for (uint256 i = 0; i < leaves.length; i++) rows[0][i] = leaves[i];
    for (uint256 level = 1; level <= depth; level++) {
      bytes32[] memory below = rows[level - 1];
      rows[level] = new bytes32[](below.length / 2);
      for (uint256 i = 0; i < rows[level].length; i++) rows[level][i] = _node(below[2 * i], below[2 * i + 1]);
    }
  }

  function _rootOf(bytes32[][] memory rows) private pure returns (bytes32) {
    return rows[rows.length - 1][0];
  }

  /// @dev Of the node with this index in its row, and of all nodes between it and the root.
  function _siblings(
    bytes32[][] memory rows,
    uint256 row,
    uint256 index
  ) private pure returns (bytes memory path) {
    for (; row < rows.length - 1; row++) {
      path = bytes.concat(path, rows[row][index % 2 == 0 ? index + 1 : index - 1]);
      index /= 2;
    }
  }

  /// @dev Gives back the memory: a slot has thousands of nodes.
  function _node(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
    uint256 free;
    assembly {
      free := mload(0x40)
    }
    node = sha256(bytes.concat(left, right));
    assembly {
      mstore(0x40, free)
    }
  }
}
