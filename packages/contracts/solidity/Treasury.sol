// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMarketplace} from "./IMarketplace.sol";

/// @title The token, and how it comes in
abstract contract Treasury is IMarketplace {
  IERC20 public immutable override token;

  constructor(IERC20 token_) {
    token = token_;
  }

  function _pull(address from, uint256 amount) internal {
    require(token.transferFrom(from, address(this), amount), "Transfer failed");
  }
}
