// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
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

/// @title Requests, kept as the code of contracts that are never called
/// @dev A request never changes, and 32 bytes of code cost 6,400 gas where a word of storage costs 22,100. The n-th request is the
/// n-th contract that the market creates, so that its address follows from its number. The code, in bytes:
///
///   0       1   33      53         58     60           62      67        72      88
///   | stop  | id | client | createdAt | slots | maxSlotLoss | expiry | duration | reward | ...
///   88        96                 104           112     144        152
///   | slotSize | proofProbability | totalChunks | nonce | 4 lengths | cid, u, publicKey, name |
library RequestCode {
  uint256 private constant _HEAD = 152; // bytes
  uint256 private constant _TERMS = 104; // bytes that hold the terms
  uint256 private constant _LIMIT = 24_576; // bytes of code (EIP-170)

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

  /// @dev Creates the contract with the given number.
  function store(uint256 number, RequestId id, Request calldata request) internal {
    bytes memory code = bytes.concat(_packTerms(id, request), _packContent(request));
    require(code.length <= _LIMIT, "Request too large");
    // code that returns what follows it: PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN
    bytes memory creation = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
    address created;
    assembly ("memory-safe") {
      created := create(0, add(creation, 0x20), mload(creation))
    }
    assert(created == addressOf(number));
  }

  function idOf(uint256 number) internal view returns (RequestId) {
    return RequestId.wrap(bytes32(_uint(_read(addressOf(number), 33), 1, 32)));
  }

  function loadTerms(uint256 number) internal view returns (Terms memory terms) {
    bytes memory code = _read(addressOf(number), _TERMS);
    terms.id = RequestId.wrap(bytes32(_uint(code, 1, 32)));
    terms.client = address(uint160(_uint(code, 33, 20)));
    terms.createdAt = _uint(code, 53, 5);
    terms.slots = _uint(code, 58, 2);
    terms.maxSlotLoss = _uint(code, 60, 2);
    terms.expiry = _uint(code, 62, 5);
    terms.duration = _uint(code, 67, 5);
    terms.reward = _uint(code, 72, 16);
    terms.proofProbability = _uint(code, 96, 8);
    terms.end = terms.createdAt + terms.duration;
  }

  /// @dev What the proofs of its slots have to show besides the challenge.
  function loadProofTerms(
    uint256 number
  ) internal view returns (uint256 slots, uint256 slotSize, ProofParameters memory parameters) {
    bytes memory code = _readAll(number);
    return (_uint(code, 58, 2), _uint(code, 88, 8), _parameters(code));
  }

  function load(uint256 number) internal view returns (Request memory request) {
    bytes memory code = _readAll(number);
    request.client = address(uint160(_uint(code, 33, 20)));
    request.ask = Ask({
      slots: uint64(_uint(code, 58, 2)),
      slotSize: _uint(code, 88, 8),
      duration: _uint(code, 67, 5),
      proofProbability: _uint(code, 96, 8),
      reward: _uint(code, 72, 16),
      maxSlotLoss: uint64(_uint(code, 60, 2))
    });
    request.content = Content({
      cid: string(Bytes.slice(code, _HEAD, _HEAD + _uint(code, 144, 2))),
      erasure: Erasure({totalChunks: uint64(_uint(code, 104, 8))}),
      por: _parameters(code)
    });
    request.expiry = _uint(code, 62, 5);
    request.nonce = bytes32(_uint(code, 112, 32));
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

  function _packTerms(RequestId id, Request calldata request) private view returns (bytes memory) {
    Ask calldata ask = request.ask;
    return
      abi.encodePacked(
        uint8(0), // stops whoever calls it
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
    uint256 u = _HEAD + _uint(code, 144, 2);
    uint256 publicKey = u + _uint(code, 146, 2);
    uint256 name = publicKey + _uint(code, 148, 2);
    return
      ProofParameters({
        u: Bytes.slice(code, u, publicKey),
        publicKey: Bytes.slice(code, publicKey, name),
        name: Bytes.slice(code, name)
      });
  }

  function _readAll(uint256 number) private view returns (bytes memory) {
    address account = addressOf(number);
    return _read(account, account.code.length);
  }

  function _read(address account, uint256 length) private view returns (bytes memory code) {
    code = new bytes(length);
    assembly ("memory-safe") {
      extcodecopy(account, add(code, 0x20), 0, length)
    }
  }

  /// @dev The number in `length` bytes from `offset` on.
  function _uint(bytes memory code, uint256 offset, uint256 length) private pure returns (uint256) {
    bytes32 word;
    assembly ("memory-safe") {
      word := mload(add(add(code, 0x20), offset))
    }
    return uint256(word) >> (256 - 8 * length);
  }
}
