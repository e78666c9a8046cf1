// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bytes that never change, kept as the code of contracts that are never called
/// @dev 32 bytes of code cost 6,400 gas where a word of storage costs 22,100. The n-th bytes are the n-th contract that the
/// market creates, so that their address follows from their number. The first byte of the code stops whoever calls it.
library CodeStore {
  uint256 private constant _LIMIT = 24_576; // bytes of code (EIP-170)

  /// @dev Keeps the bytes under the given number, which is the number of contracts created, this one included.
  function store(uint256 number, bytes memory data) internal {
    require(data.length < _LIMIT, "Request too large");
    // code that returns what follows it: PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN
    bytes memory creation = abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df300", data);
    address created;
    assembly ("memory-safe") {
      created := create(0, add(creation, 0x20), mload(creation))
    }
    assert(created == addressOf(number));
  }

  function load(uint256 number) internal view returns (bytes memory) {
    address account = addressOf(number);
    return _read(account, account.code.length - 1);
  }

  /// @dev The first `length` bytes.
  function load(uint256 number, uint256 length) internal view returns (bytes memory) {
    return _read(addressOf(number), length);
  }

  /// @dev The number in `length` bytes from `offset` on.
  function uintAt(bytes memory data, uint256 offset, uint256 length) internal pure returns (uint256) {
    bytes32 word;
    assembly ("memory-safe") {
      word := mload(add(add(data, 0x20), offset))
    }
    return uint256(word) >> (256 - 8 * length);
  }

  /// @dev Where a contract creates its n-th contract (EIP-161): the hash of the RLP of its address and n.
  function addressOf(uint256 number) internal view returns (address) {
    uint256 length = 0; // bytes of n after its first, which stands for itself below 128
    if (number > 0x7f) for (uint256 rest = number; rest > 0; rest >>= 8) ++length;
    uint256 head = (((0xd694 + (length << 8)) << 160) | uint160(address(this))) << 8;
    uint256 rlp = length == 0 ? head | number : ((head | (0x80 + length)) << (8 * length)) | number;
    bytes32 hash;
    assembly ("memory-safe") {
      mstore(0, shl(sub(72, mul(8, length)), rlp))
      hash := keccak256(0, add(23, length))
    }
    return address(uint160(uint256(hash)));
  }

  function _read(address account, uint256 length) private view returns (bytes memory data) {
    data = new bytes(length);
    assembly ("memory-safe") {
      extcodecopy(account, add(data, 0x20), 1, length)
    }
  }
}
