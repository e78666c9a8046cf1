// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// What is known of an account, in one word.
struct Account {
  uint128 collateral; // tokens
  uint24 slots; // that it keeps, and which lock its collateral
  uint24 requests; // with which it still has to do as their client
  uint48 newestSlot; // where the list of these slots begins: a slot's key; zero when there is none
  uint32 newestRequest; // where the list of these requests begins: a request's number; zero when there is none
}

using {save} for Account global;

/// @dev In one write. The compiler writes each member by itself.
function save(Account memory account, Account storage place) {
  uint256 word = account.collateral |
    (uint256(account.slots) << 128) |
    (uint256(account.requests) << 152) |
    (uint256(account.newestSlot) << 176) |
    (uint256(account.newestRequest) << 224);
  assembly ("memory-safe") {
    sstore(place.slot, word)
  }
}
