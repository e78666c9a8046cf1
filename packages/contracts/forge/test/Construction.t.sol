// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "../../solidity/Configuration.sol";
import {Bed, ITestMarketplace} from "./Bed.sol";
import {vm} from "./Vm.sol";

/// @title Which markets can be deployed
contract Construction is Bed {
  function test_aMarketWantsAChainWithMoreThan256Blocks() external {
    vm.roll(256);
    _isRefused(_config(), "Insufficient block height");
    vm.roll(257);
    _isAccepted(_config());
  }

  function test_aMarketNeedsPeriodsAndACriterion() external {
    MarketplaceConfig memory config = _config();
    config.proofs.period = 0;
    _isRefused(config, "Invalid period");
    config = _config();
    config.collateral.slashCriterion = 0;
    _isRefused(config, "Invalid slash criterion");
  }

  function testFuzz_theTimeoutIsAtMost42Periods(uint256 period, uint256 timeout) external {
    MarketplaceConfig memory config = _config();
    (config.proofs.period, config.proofs.timeout) = (period > 0 ? period : 1, timeout);
    bool tooLong = timeout / 42 > config.proofs.period || (timeout / 42 == config.proofs.period && timeout % 42 > 0);
    if (tooLong) _isRefused(config, "Timeout too long");
    else _isAccepted(config);
  }

  function testFuzz_theTimeoutCanBe42PeriodsToTheSecond(uint128 period) external {
    MarketplaceConfig memory config = _config();
    config.proofs.period = uint256(period) + 1;
    config.proofs.timeout = config.proofs.period * 42;
    _isAccepted(config);
    config.proofs.timeout++;
    _isRefused(config, "Timeout too long");
  }

  function testFuzz_noMoreThanAllCanBeSlashedOrGivenToTheMarker(uint256 slashed, uint8 marker) external {
    MarketplaceConfig memory config = _config();
    config.collateral.slashPercentage = slashed;
    if (slashed > 100) _isRefused(config, "Invalid slash percentage");
    else _isAccepted(config);
    MarketplaceOptions memory options = MarketplaceOptions(STRANGER, marker, true);
    if (marker > 100) vm.expectRevert("Invalid marker percentage");
    this.deployWith(options);
  }

  function testFuzz_aMarketTellsHowItWasMade(MarketplaceConfig memory config, MarketplaceOptions memory options) external {
    config.proofs.period = 1 + config.proofs.period / 2;
    config.proofs.timeout %= config.proofs.period;
    config.collateral.slashCriterion = 1 + config.collateral.slashCriterion / 2;
    config.collateral.slashPercentage %= 101;
    options.markerPercentage %= 101;
    _wanted = config;
    ITestMarketplace made = ITestMarketplace(_deployMarketplace(options));
    (CollateralConfig memory collateral, ProofConfig memory proofs) = made.config();
    bytes32 told = keccak256(abi.encode(collateral, proofs, made.options(), made.token()));
    vm.assertEq(told, keccak256(abi.encode(config, options, token)), "config, options, token");
  }

  MarketplaceConfig private _wanted;

  function _config() internal view override returns (MarketplaceConfig memory) {
    return _wanted.proofs.period == 0 ? super._config() : _wanted;
  }

  function deploy(MarketplaceConfig memory config) external {
    _create(_artifact("TestMarketplace"), abi.encode(token, config));
  }

  function deployWith(MarketplaceOptions memory options) external {
    _deployMarketplace(options);
  }

  function _isAccepted(MarketplaceConfig memory config) private {
    this.deploy(config);
  }

  function _isRefused(MarketplaceConfig memory config, bytes memory reason) private {
    vm.expectRevert(reason);
    this.deploy(config);
  }
}
