// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MarketplaceConfig, MarketplaceOptions} from "./Configuration.sol";
import {IProofVerifier} from "./IProofVerifier.sol";
import {ProofParameters, Request, SlotId} from "./Request.sol";
import {RequestCode} from "./RequestCode.sol";
import {Slot} from "./Slot.sol";
import {StorageMarket} from "./StorageMarket.sol";
import {VerifiedProofs} from "./VerifiedProofs.sol";

/// @title The storage market whose proofs are checked by a verifier
contract Marketplace is StorageMarket, VerifiedProofs {
  constructor(
    IERC20 token_,
    MarketplaceConfig memory config_,
    IProofVerifier verifier_,
    MarketplaceOptions memory options_
  ) StorageMarket(token_, config_, options_) VerifiedProofs(verifier_) {}

  function _isProvable(Request calldata request) internal view override returns (bool) {
    return verifier.canVerify(request.ask.slots, request.ask.slotSize, request.content.por);
  }

  function _isProven(SlotId slotId, Slot memory slot, bytes calldata proof) internal view override returns (bool) {
    (uint256 slots, uint256 slotSize, ProofParameters memory parameters) = RequestCode.loadProofTerms(slot.request);
    return _isVerified(slotId, slot.index, slots, slotSize, parameters, proof);
  }
}
