// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "../../solidity/Configuration.sol";
import {IMarket} from "../../solidity/IMarket.sol";
import {SlotId} from "../../solidity/Request.sol";
import {vm} from "./Vm.sol";

interface ITestToken is IERC20 {
  function mint(address to, uint256 amount) external;
}

/// @title What every test stands on: a chain that is old enough, money, and the published bytecode
abstract contract Ground {
  address internal constant CLIENT = address(0xC11E47);
  address internal constant HOST = address(0x4057);
  address internal constant OTHER_HOST = address(0x40572);
  address internal constant STRANGER = address(0x57A4);
  bytes internal constant PROOF = hex"01";

  ITestToken internal token;

  function setUp() public virtual {
    vm.roll(1_000);
    vm.warp(1_800_000_000);
    token = _newToken();
    _createMarket();
  }

  function _newToken() internal virtual returns (ITestToken) {
    return ITestToken(_create(_artifact("TestToken"), ""));
  }

  function _createMarket() internal virtual;

  /// @dev The market under test, of whichever kind.
  function _market() internal view virtual returns (IMarket);

  function _config() internal view virtual returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 3, 10), ProofConfig(10, 5, 64));
  }

  /// @dev A published market with a verifier that takes any proof.
  function _deployVerified(string memory name, MarketplaceOptions memory options) internal returns (address) {
    address verifier = _create(_artifact("TestVerifier"), "");
    return _create(_artifact(name), abi.encode(token, _config(), verifier, options));
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

  // ---- Money and time

  function _fund(address account, uint256 amount) internal {
    token.mint(account, amount);
    vm.prank(account);
    token.approve(address(_market()), amount);
  }

  function _deposit(address account, uint256 amount) internal {
    _fund(account, amount);
    vm.prank(account);
    _market().deposit(amount);
  }

  function _skip(uint256 numberOfSeconds) internal {
    vm.warp(block.timestamp + numberOfSeconds);
  }

  /// @dev Lets the next period pass without a proof, and the marker say so.
  function _miss(address marker, SlotId id) internal {
    (, ProofConfig memory proofs) = _market().config();
    uint256 period = block.timestamp / proofs.period + 1;
    vm.warp((period + 1) * proofs.period + 1);
    for (uint256 blocks; blocks < 256; blocks++) {
      vm.roll(block.number + 1);
      vm.prank(marker);
      try _market().markProofAsMissing(id, period) {
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
