// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// What forge lets a test do to its chain: the part that is used here.
interface Vm {
  function warp(uint256 unixSeconds) external;
  function roll(uint256 blockNumber) external;
  function prank(address sender) external;
  function assume(bool worthwhile) external pure;
  function expectRevert(bytes calldata answer) external;
  function writeLine(string calldata path, string calldata line) external;
  function toString(uint256 value) external pure returns (string memory);
  function computeCreateAddress(address creator, uint256 nonce) external pure returns (address);
  function getCode(string calldata artifactPath) external view returns (bytes memory);
  function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
  function assertTrue(bool truth, string calldata law) external pure;
  function assertEq(address left, address right, string calldata law) external pure;
  function assertEq(uint256 left, uint256 right, string calldata law) external pure;
  function assertEq(bytes32 left, bytes32 right, string calldata law) external pure;
  function assertEq(string calldata left, string calldata right, string calldata law) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
