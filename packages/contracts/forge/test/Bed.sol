// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CollateralConfig, MarketplaceConfig, ProofConfig} from "../../solidity/Configuration.sol";
import {MarketplaceOptions} from "../../solidity/Configuration.sol";
import {IMarketplace} from "../../solidity/IMarketplace.sol";
import {Ask, Content, Erasure, ProofParameters, Request, RequestId, SlotId} from "../../solidity/Request.sol";
import {vm} from "./Vm.sol";

interface ITestToken is IERC20 {
  function mint(address to, uint256 amount) external;
}

interface ITestMarketplace is IMarketplace {
  function forciblyFreeSlot(SlotId slotId) external;
}

/// @title What every test stands on: a chain that is old enough, money, and the published bytecode of a market
abstract contract Bed {
  address internal constant CLIENT = address(0xC11E47);
  address internal constant HOST = address(0x4057);
  address internal constant OTHER_HOST = address(0x40572);
  address internal constant STRANGER = address(0x57A4);
  bytes internal constant PROOF = hex"01";

  ITestToken internal token;
  ITestMarketplace internal market;
  uint256 private _nonce;

  function setUp() public virtual {
    vm.roll(1_000);
    vm.warp(1_800_000_000);
    token = ITestToken(_create(_artifact("TestToken"), ""));
    market = ITestMarketplace(_deploy());
  }

  function _deploy() internal virtual returns (address) {
    return _create(_artifact("TestMarketplace"), abi.encode(token, _config()));
  }

  /// @dev A published market with a verifier that takes any proof.
  function _deployMarketplace(MarketplaceOptions memory options) internal returns (address) {
    address verifier = _create(_artifact("TestVerifier"), "");
    return _create(_artifact("Marketplace"), abi.encode(token, _config(), verifier, options));
  }

  function _config() internal view virtual returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 3, 10), ProofConfig(10, 5, 64));
  }

  /// @dev PECIA_ARTIFACTS names another folder: to see laws fail that a changed contract breaks.
  function _artifact(string memory name) internal view returns (bytes memory) {
    return vm.getCode(string.concat(vm.envOr("PECIA_ARTIFACTS", "artifacts"), "/", name, ".json"));
  }

  /// @dev Reverts with what the constructor says.
  function _create(bytes memory code, bytes memory parameters) internal returns (address created) {
    bytes memory creation = bytes.concat(code, parameters);
    assembly ("memory-safe") {
      created := create(0, add(creation, 32), mload(creation))
      if iszero(created) {
        let answer := mload(0x40)
        returndatacopy(answer, 0, returndatasize())
        revert(answer, returndatasize())
      }
    }
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

  function _fund(address account, uint256 amount) internal {
    token.mint(account, amount);
    vm.prank(account);
    token.approve(address(market), amount);
  }

  function _deposit(address account, uint256 amount) internal {
    _fund(account, amount);
    vm.prank(account);
    market.deposit(amount);
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

  function _skip(uint256 numberOfSeconds) internal {
    vm.warp(block.timestamp + numberOfSeconds);
  }

  /// @dev Lets the next period pass without a proof, and the marker say so.
  function _miss(address marker, SlotId slotId) internal {
    (, ProofConfig memory proofs) = market.config();
    uint256 period = block.timestamp / proofs.period + 1;
    vm.warp((period + 1) * proofs.period + 1);
    for (uint256 blocks; blocks < 256; blocks++) {
      vm.roll(block.number + 1);
      vm.prank(marker);
      try market.markProofAsMissing(slotId, period) {
        return;
      } catch {} // in the downtime
    }
    vm.assertTrue(false, "no proof was due for 256 blocks");
  }

  // ---- Chance

  /// @dev A number below the limit, for this purpose.
  function _draw(uint256 chance, string memory purpose, uint256 limit) internal pure returns (uint256) {
    return uint256(keccak256(abi.encode(chance, purpose))) % limit;
  }

  // ---- What was said

  function _revert(bytes memory answer) internal pure {
    assembly ("memory-safe") {
      revert(add(answer, 32), mload(answer))
    }
  }

  /// @dev The reason of a refusal: empty for what was not refused.
  function _reason(bool succeeded, bytes memory answer) internal pure returns (string memory) {
    if (succeeded) return "";
    if (answer.length < 68) return "refused without a reason";
    assembly ("memory-safe") {
      answer := add(answer, 68) // its length, the selector, the offset
    }
    return string(answer);
  }
}
