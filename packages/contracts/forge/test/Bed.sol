// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketplaceOptions} from "../../solidity/Configuration.sol";
import {IMarket} from "../../solidity/IMarket.sol";
import {IMarketplace} from "../../solidity/IMarketplace.sol";
import {Ask, Content, Erasure, ProofParameters, Request, RequestId, SlotId} from "../../solidity/Request.sol";
import {Ground} from "./Ground.sol";
import {vm} from "./Vm.sol";

interface ITestMarketplace is IMarketplace {
  function forciblyFreeSlot(SlotId slotId) external;
}

/// @title A market at a fixed price, its requests and its hosts
abstract contract Bed is Ground {
  ITestMarketplace internal market;
  uint256 private _nonce;

  function _createMarket() internal override {
    market = ITestMarketplace(_deploy());
  }

  function _market() internal view override returns (IMarket) {
    return market;
  }

  function _deploy() internal virtual returns (address) {
    return _create(_artifact("TestMarketplace"), abi.encode(token, _config()));
  }

  function _deployMarketplace(MarketplaceOptions memory options) internal returns (address) {
    return _deployVerified("Marketplace", options);
  }

  // ---- Requests and hosts

  /// @dev Four slots that are proven in every period, for 1,000 seconds at 7 tokens each; two may be lost. To start within 100.
  function _newRequest(address client) internal returns (Request memory) {
    Ask memory ask = Ask(4, 1 << 30, 1_000, 1, 7, 2);
    Content memory content = Content("zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob", Erasure(12), ProofParameters("", "", ""));
    return Request(client, ask, content, block.timestamp + 100, bytes32(++_nonce));
  }

  function _post(Request memory request) internal returns (RequestId) {
    _fund(request.client, request.ask.price());
    vm.prank(request.client);
    market.requestStorage(request);
    return request.id();
  }

  /// @dev The host has to have collateral.
  function _fill(address host, RequestId requestId, uint256 slotIndex) internal returns (SlotId) {
    vm.prank(host);
    market.fillSlot(requestId, slotIndex, PROOF);
    return requestId.slotId(slotIndex);
  }

  function _fillAll(address host, RequestId requestId, uint256 slots) internal {
    for (uint256 index; index < slots; index++) _fill(host, requestId, index);
  }

  function _free(address host, SlotId slotId) internal {
    vm.prank(host);
    market.freeSlot(slotId);
  }
}
