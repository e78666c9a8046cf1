// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Money for tests, which anyone can make
/// @dev Refuses with sentences instead of OpenZeppelin's custom errors, as many tokens in use do.
contract TestToken is ERC20 {
  constructor() ERC20("TestToken", "TST") {}

  function mint(address to, uint256 amount) external {
    _mint(to, amount);
  }

  function _spendAllowance(address owner, address spender, uint256 amount) internal override {
    require(allowance(owner, spender) >= amount, "ERC20: insufficient allowance");
    super._spendAllowance(owner, spender, amount);
  }

  function _update(address from, address to, uint256 amount) internal override {
    require(from == address(0) || balanceOf(from) >= amount, "ERC20: transfer amount exceeds balance");
    super._update(from, to, amount);
  }
}
