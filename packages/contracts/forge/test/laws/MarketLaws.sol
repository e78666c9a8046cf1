// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketplaceConfig} from "../../../solidity/Configuration.sol";
import {Ground} from "../Ground.sol";
import {vm} from "../Vm.sol";
import {MarketActions} from "./MarketActions.sol";
import {Happening} from "./MarketBooks.sol";

struct FuzzSelector {
  address addr;
  bytes4[] selectors;
}

/// @title What holds in any market after every call, whatever was called before
/// @dev The numbers are those of the README. Law 9 is checked with every call, see MarketActions.sol.
abstract contract MarketLaws is MarketActions {
  function setUp() public virtual override {
    super.setUp();
    for (uint160 number = 1; number <= 4; number++) {
      address actor = address(0xAC7000 + number);
      _actors.push(actor);
      vm.prank(actor);
      token.approve(address(_market()), type(uint256).max);
    }
    MarketplaceConfig memory config = _config();
    (_collateral, _proofs) = (config.collateral, config.proofs);
    _options = _market().options();
  }

  function targetContracts() external view returns (address[] memory targets) {
    targets = new address[](1);
    targets[0] = address(this);
  }

  function targetSelectors() external view returns (FuzzSelector[] memory targets) {
    targets = new FuzzSelector[](1);
    targets[0] = FuzzSelector(address(this), _actions());
  }

  /// @dev What happens often in a market stands here twice.
  function _actions() internal view virtual returns (bytes4[] memory);

  /// @dev A number for whose turn it is.
  function _turn() internal view returns (uint256) {
    return block.timestamp + _tally[Happening.Accepted] + _tally[Happening.Refused];
  }

  /// @dev What is left when everything was collected that can be.
  function _withdrawAll() internal {
    _law4();
    for (uint256 index; index < _actors.length; index++) _withdraw(_actors[index]);
    bool empty = token.balanceOf(address(_market())) == _burnt + _donated;
    require(empty, "law 2: nothing is left that belongs to somebody");
  }

  /// @dev Adds this run to the tally that is shown in the end: a line of numbers in the order of Happening.
  function _tell(string memory kind) internal {
    string memory line = vm.toString(_tally[Happening(0)]);
    for (uint8 what = 1; what <= uint8(type(Happening).max); what++)
      line = string.concat(line, " ", vm.toString(_tally[Happening(what)]));
    string memory profile = vm.envOr("FOUNDRY_PROFILE", "default");
    vm.writeLine(string.concat("node_modules/.cache/forge/tally-", profile, "-", kind), line);
  }

  function _shuffled(uint256 count) internal view returns (uint256[] memory turns) {
    turns = new uint256[](count);
    for (uint256 last; last < count; last++) {
      uint256 place = _draw(block.timestamp + last, "turn", last + 1);
      turns[last] = turns[place];
      turns[place] = last;
    }
  }

  /// @param ofRequests tokens that hosts and clients have not collected yet
  function _law1(uint256 ofRequests) internal view {
    uint256 owed = ofRequests + _donated + _burnt;
    for (uint256 index; index < _actors.length; index++) owed += _market().balanceOf(_actors[index]);
    require(token.balanceOf(address(_market())) == owed, "law 1: the market holds what it owes, and no more");
  }

  function _law4() internal view {
    for (uint256 index; index < _actors.length; index++) {
      bool exact = token.balanceOf(_actors[index]) == _accounts[_actors[index]].tokens;
      require(exact, "law 4: everybody is paid what the rules say, once");
    }
  }

  function _law5() internal view {
    require(_market().balanceOf(address(0)) == 0, "law 5: what is burnt is nobody's");
    for (uint256 index; index < _actors.length; index++) {
      address account = _actors[index];
      require(_market().balanceOf(account) == _balance(account), "law 5: collateral neither appears nor disappears");
    }
  }

  /// @dev A trial, which forge undoes as all that a law does.
  function _law6(address account) internal {
    vm.prank(account);
    (bool ok, ) = address(_market()).call(abi.encodeCall(_market().withdraw, ()));
    require(!ok || !_isLocked(account), "law 6: who is bound cannot withdraw");
    require(ok || _isLocked(account), "law 6: who is not bound can withdraw");
  }

  /// @dev Is asked of a host when it has just taken one slot or contract more than the books know of.
  function _law12(address host) internal view {
    bool covered = _market().balanceOf(host) >= _neededForOneMore(host);
    require(covered, "law 12: a host takes no more than its collateral covers");
  }
}
