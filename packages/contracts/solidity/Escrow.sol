// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICollateral} from "./ICollateral.sol";

/// @title The token, and how it comes and goes
/// @dev Sums are not kept: that the balance covers all that is owed follows from the rules, and is tested as a law. The
/// token must move exactly the amounts that it is told to. Whoever moves money has written its books before.
abstract contract Escrow is ICollateral {
  IERC20 public immutable override token;

  constructor(IERC20 token_) {
    token = token_;
  }

  function _pull(address from, uint256 amount) internal {
    require(token.transferFrom(from, address(this), amount), "Transfer failed");
  }

  /// @dev `complaint` is for a token that answers false.
  function _send(address to, uint256 amount, string memory complaint) internal {
    require(token.transfer(to, amount), complaint);
  }
}
