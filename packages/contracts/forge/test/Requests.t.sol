// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CodeStore} from "../../solidity/CodeStore.sol";
import {Ask, Content, ProofParameters, Request, RequestId} from "../../solidity/Request.sol";
import {Bed} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title Which requests are taken, and how they are kept
contract Requests is Bed {
  function testFuzz_aRequestComesBackToTheByte(Content memory content, bytes32 nonce, uint256 chance) external {
    Request memory request = _newRequest(CLIENT);
    (request.content, request.nonce) = (content, nonce);
    request.ask = Ask({
      slots: uint64(1 + _draw(chance, "slots", 65_535)),
      slotSize: _draw(chance, "size", 1 << 64),
      duration: 1 + _draw(chance, "duration", (1 << 32) - 1),
      proofProbability: _draw(chance, "probability", 1 << 64),
      reward: _draw(chance, "reward", 1 << 128),
      maxSlotLoss: 0
    });
    request.ask.maxSlotLoss = uint64(_draw(chance, "loss", request.ask.slots + 1));
    request.expiry = _draw(chance, "expiry", block.timestamp + request.ask.duration);
    RequestId id = _post(request);
    vm.assertEq(keccak256(abi.encode(market.getRequest(id))), keccak256(abi.encode(request)), "the same request");
  }

  function testFuzz_aRequestThatCanNeverWorkIsRefusedWithAReason(Ask memory ask, uint256 expiry, uint256 good) external {
    Request memory request = _newRequest(CLIENT);
    Ask memory possible = request.ask; // most of it is kept: otherwise nearly all were refused for their slots
    request.expiry = (good >> 7) % 2 == 0 ? expiry : request.expiry;
    request.ask = Ask({
      slots: good % 2 == 0 ? ask.slots : possible.slots,
      slotSize: (good >> 1) % 2 == 0 ? ask.slotSize : possible.slotSize,
      duration: (good >> 2) % 4 == 0 ? ask.duration : possible.duration,
      proofProbability: (good >> 4) % 2 == 0 ? ask.proofProbability : possible.proofProbability,
      reward: (good >> 5) % 2 == 0 ? ask.reward : possible.reward,
      maxSlotLoss: (good >> 6) % 2 == 0 ? ask.maxSlotLoss : 0
    });
    string memory reason = _whyNever(request);
    if (bytes(reason).length == 0) _fund(CLIENT, request.ask.price());
    else vm.expectRevert(bytes(reason));
    vm.prank(CLIENT);
    market.requestStorage(request);
  }

  function test_theLargestRequestHas24424BytesOfCidAndParameters() external {
    Request memory request = _newRequest(CLIENT);
    request.content.por = ProofParameters(new bytes(20_000), new bytes(4_000), new bytes(424));
    request.content.cid = "";
    RequestId id = _post(request);
    vm.assertEq(keccak256(abi.encode(market.getRequest(id))), RequestId.unwrap(id), "the same request");
    request.content.cid = "z";
    _fund(CLIENT, request.ask.price());
    vm.prank(CLIENT);
    vm.expectRevert("Request too large");
    market.requestStorage(request);
  }

  function test_aRequestIsKeptWholeOrRefusedWhateverGasItIsGiven() external {
    Request memory request = _newRequest(CLIENT);
    request.ask.reward = 0; // the cheapest to put on record: a 64th of the gas is left when keeping it has run dry
    _post(request);
    request.content = Content("", request.content.erasure, ProofParameters(new bytes(24_424), "", ""));
    bytes memory call = abi.encodeCall(market.requestStorage, (request));
    uint256 refusals;
    for (bool taken; !taken; refusals += taken ? 0 : 1) {
      vm.prank(CLIENT);
      (taken, ) = address(market).call{gas: 4_500_000 + refusals * 7_000}(call);
    }
    bytes32 id = RequestId.unwrap(request.id());
    vm.assertEq(keccak256(abi.encode(market.getRequest(request.id()))), id, "the same request");
    vm.assertTrue(refusals > 0, "with less it was refused");
  }

  function test_theListsOfAClientAreRightBeyondTheNumbersThatFitOneByte() external {
    RequestId[] memory ids = new RequestId[](300);
    for (uint256 index; index < ids.length; index++) ids[index] = _post(_newRequest(CLIENT));
    vm.prank(CLIENT);
    RequestId[] memory listed = market.myRequests();
    vm.assertEq(listed.length, ids.length, "all are listed");
    for (uint256 index; index < ids.length; index++) {
      bytes32 id = RequestId.unwrap(ids[index]);
      vm.assertEq(keccak256(abi.encode(market.getRequest(ids[index]))), id, "each is kept at its own address");
      vm.assertEq(RequestId.unwrap(listed[ids.length - 1 - index]), id, "the newest is the first");
    }
  }

  function testFuzz_theAddressOfTheNthRequestIsThatOfTheNthContract(uint32 number, uint8 bits) external view {
    uint256 some = 1 + (uint256(number) >> (bits % 32));
    vm.assertEq(CodeStore.addressOf(some), vm.computeCreateAddress(address(this), some), "the EVM's own rule");
  }

  function _whyNever(Request memory request) private view returns (string memory) {
    Ask memory ask = request.ask;
    if (ask.slots == 0 || ask.slots > 65_535) return "Invalid slots";
    if (ask.maxSlotLoss > ask.slots) return "Invalid max slot loss";
    if (ask.duration == 0 || ask.duration > 4_294_967_295) return "Invalid duration";
    if (request.expiry >= block.timestamp + ask.duration) return "Invalid expiry";
    if (ask.reward >= 2 ** 128) return "Invalid reward";
    if (ask.slotSize >= 2 ** 64) return "Invalid slot size";
    if (ask.proofProbability >= 2 ** 64) return "Invalid proof probability";
    return "";
  }
}
