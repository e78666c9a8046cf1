// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Treasury} from "./Treasury.sol";

/// @title The clients' money, from request to payout or refund
abstract contract Escrow is Treasury {
  struct Funds {
    uint256 received;
    uint256 balance;
    uint256 sent;
  }

  Funds private _funds;

  /// @dev No token appears or disappears.
  modifier fundsAddUp() {
    Funds memory before = _funds;
    _;
    Funds memory funds = _funds;
    assert(funds.received >= before.received);
    assert(funds.sent >= before.sent);
    assert(funds.received == funds.balance + funds.sent);
  }

  function _receive(address from, uint256 amount) internal {
    _funds.received += amount;
    _funds.balance += amount;
    _pull(from, amount);
  }

  /// @dev Panics when the escrow of all requests together is too small. `complaint` is for a token that answers false.
  function _send(address to, uint256 amount, string memory complaint) internal {
    _funds.sent += amount;
    _funds.balance -= amount;
    require(token.transfer(to, amount), complaint);
  }
}
