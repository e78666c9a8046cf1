// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {CodeStore} from "./CodeStore.sol";
import {Ask, Content, Erasure, ProofParameters, Request, RequestId} from "./Request.sol";

/// What is fixed when a request is made, without its content.
struct Terms {
  RequestId id;
  address client;
  uint256 createdAt; // unix seconds
  uint256 end; // unix seconds
  uint256 expiry; // unix seconds
  uint256 duration; // seconds
  uint256 slots;
  uint256 maxSlotLoss;
  uint256 reward; // tokens per second
  uint256 proofProbability;
}

/// @title Requests as the bytes that the store of code keeps of them
/// @dev In order, and where each begins:
///
///   0    32       52          57      59            61       66         71       87
///   | id | client | createdAt | slots | maxSlotLoss | expiry | duration | reward | ...
///   87         95                 103           111     143
///   | slotSize | proofProbability | totalChunks | nonce | 4 lengths | cid, u, publicKey, name |
library RequestCode {
  using CodeStore for bytes;

  uint256 private constant _HEAD = 151; // bytes
  uint256 private constant _TERMS = 103; // bytes that hold the terms

  /// @dev Whether the parts of a request fit their places, with the reason if one does not.
  function check(Request calldata request) internal view {
    Ask calldata ask = request.ask;
    require(ask.slots > 0 && ask.slots <= type(uint16).max, "Invalid slots");
    require(ask.maxSlotLoss <= ask.slots, "Invalid max slot loss");
    require(ask.duration > 0 && ask.duration <= type(uint32).max, "Invalid duration");
    require(request.expiry < block.timestamp + ask.duration, "Invalid expiry");
    require(ask.reward <= type(uint128).max, "Invalid reward");
    require(ask.slotSize <= type(uint64).max, "Invalid slot size");
    require(ask.proofProbability <= type(uint64).max, "Invalid proof probability");
  }

  function store(uint256 number, RequestId id, Request calldata request) internal {
    CodeStore.store(number, bytes.concat(_packTerms(id, request), _packContent(request)));
  }

  function idOf(uint256 number) internal view returns (RequestId) {
    return RequestId.wrap(bytes32(CodeStore.load(number, 32)));
  }

  function loadTerms(uint256 number) internal view returns (Terms memory terms) {
    bytes memory code = CodeStore.load(number, _TERMS);
    terms.id = RequestId.wrap(bytes32(code.uintAt(0, 32)));
    terms.client = address(uint160(code.uintAt(32, 20)));
    terms.createdAt = code.uintAt(52, 5);
    terms.slots = code.uintAt(57, 2);
    terms.maxSlotLoss = code.uintAt(59, 2);
    terms.expiry = code.uintAt(61, 5);
    terms.duration = code.uintAt(66, 5);
    terms.reward = code.uintAt(71, 16);
    terms.proofProbability = code.uintAt(95, 8);
    terms.end = terms.createdAt + terms.duration;
  }

  /// @dev What the proofs of its slots have to show besides the challenge.
  function loadProofTerms(
    uint256 number
  ) internal view returns (uint256 slots, uint256 slotSize, ProofParameters memory parameters) {
    bytes memory code = CodeStore.load(number);
    return (code.uintAt(57, 2), code.uintAt(87, 8), _parameters(code));
  }

  function load(uint256 number) internal view returns (Request memory request) {
    bytes memory code = CodeStore.load(number);
    request.client = address(uint160(code.uintAt(32, 20)));
    request.ask = Ask({
      slots: uint64(code.uintAt(57, 2)),
      slotSize: code.uintAt(87, 8),
      duration: code.uintAt(66, 5),
      proofProbability: code.uintAt(95, 8),
      reward: code.uintAt(71, 16),
      maxSlotLoss: uint64(code.uintAt(59, 2))
    });
    request.content = Content({
      cid: string(Bytes.slice(code, _HEAD, _HEAD + code.uintAt(143, 2))),
      erasure: Erasure({totalChunks: uint64(code.uintAt(103, 8))}),
      por: _parameters(code)
    });
    request.expiry = code.uintAt(61, 5);
    request.nonce = bytes32(code.uintAt(111, 32));
  }

  function _packTerms(RequestId id, Request calldata request) private view returns (bytes memory) {
    Ask calldata ask = request.ask;
    return
      abi.encodePacked(
        id,
        request.client,
        uint40(block.timestamp),
        uint16(ask.slots),
        uint16(ask.maxSlotLoss),
        uint40(request.expiry),
        uint40(ask.duration),
        uint128(ask.reward),
        uint64(ask.slotSize),
        uint64(ask.proofProbability)
      );
  }

  function _packContent(Request calldata request) private pure returns (bytes memory) {
    Content calldata content = request.content;
    bytes calldata cid = bytes(content.cid);
    bytes calldata u = content.por.u;
    bytes calldata publicKey = content.por.publicKey;
    bytes calldata name = content.por.name;
    return
      abi.encodePacked(
        content.erasure.totalChunks,
        request.nonce,
        uint16(cid.length),
        uint16(u.length),
        uint16(publicKey.length),
        uint16(name.length),
        cid,
        u,
        publicKey,
        name
      );
  }

  function _parameters(bytes memory code) private pure returns (ProofParameters memory) {
    uint256 u = _HEAD + code.uintAt(143, 2);
    uint256 publicKey = u + code.uintAt(145, 2);
    uint256 name = publicKey + code.uintAt(147, 2);
    return
      ProofParameters({
        u: Bytes.slice(code, u, publicKey),
        publicKey: Bytes.slice(code, publicKey, name),
        name: Bytes.slice(code, name)
      });
  }
}
