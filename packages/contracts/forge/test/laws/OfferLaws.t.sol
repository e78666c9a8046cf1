// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CollateralConfig, MarketplaceConfig, MarketplaceOptions, ProofConfig} from "../../../solidity/Configuration.sol";
import {IOfferMarket} from "../../../solidity/IOfferMarket.sol";
import {ContractState, OfferId} from "../../../solidity/Offer.sol";
import {RequestId, SlotId} from "../../../solidity/Request.sol";
import {Ground} from "../Ground.sol";
import {MarketLaws} from "./MarketLaws.sol";
import {OfferAttempts} from "./OfferAttempts.sol";
import {BidBook, TenderBook} from "./OfferBooks.sol";

/// @title What holds in a market by offers
abstract contract OfferLaws is OfferAttempts, MarketLaws {
  function setUp() public override(Ground, MarketLaws) {
    super.setUp();
  }

  function _actions() internal pure override returns (bytes4[] memory actions) {
    bytes4[19] memory list = [
      this.request.selector, this.request.selector, this.offer.selector, this.offer.selector, this.agree.selector,
      this.select.selector, this.select.selector, this.start.selector, this.prove.selector, this.neglect.selector, this.neglect.selector,
      this.collect.selector, this.refund.selector, this.deposit.selector, this.withdraw.selector, this.pass.selector,
      this.passTo.selector, this.donate.selector, this.attempt.selector
    ];
    actions = new bytes4[](list.length);
    for (uint256 index; index < list.length; index++) actions[index] = list[index];
  }

  /// @dev As in a market at a fixed price, the last laws are for one account, one offer and one request by turns.
  function invariant_theLawsHold() external {
    for (uint256 place; place < _open.length; place++) _law2(_tenders[_open[place]]);
    _law1(_uncollected());
    _law4();
    _law5();
    uint256[] memory places = _openBids();
    if (places.length > 0) _law8(_bids[places[_turn() % places.length]]);
    if (_open.length > 0) _law8(_tenders[_open[_turn() % _open.length]]);
    _law6(_actors[_turn() % _actors.length]);
  }

  /// @dev All that can be collected is collected, in any order, after which nothing is left but what was burnt.
  function afterInvariant() external {
    for (uint256 index; index < _bids.length; index++) _law8(_bids[index]);
    for (uint256 index; index < _tenders.length; index++) _law8(_tenders[index]);
    _passTo(block.timestamp + 31 * _proofs.period);
    uint256[] memory turns = _shuffled(_bids.length + _tenders.length);
    for (uint256 turn; turn < turns.length; turn++) {
      for (uint256 time; time < 2; time++) {
        if (turns[turn] < _bids.length) _finish(_bids[turns[turn]], STRANGER);
        else _refund(_tenders[turns[turn] - _bids.length], STRANGER);
      }
    }
    for (uint256 index; index < _tenders.length; index++) _settled(_tenders[index]);
    _withdrawAll();
    _tell("offers");
  }

  // ---- 1 Solvency, 2 Conservation

  function _uncollected() private view returns (uint256 tokens) {
    for (uint256 place; place < _open.length; place++) {
      TenderBook storage tender = _tenders[_open[place]];
      tokens += tender.terms.maxPrice - tender.paid - tender.returned;
    }
  }

  function _law2(TenderBook storage tender) private view {
    bool within = tender.paid + tender.returned <= tender.terms.maxPrice;
    require(within, "law 2: no more is paid out of a request than its price");
    uint256 price = tender.decided ? _bids[tender.chosen].terms.price : 0;
    require(tender.paid <= price, "law 2: a host is paid no more than it asked for");
  }

  function _settled(TenderBook storage tender) private view {
    _law2(tender);
    bool shared = tender.paid + tender.returned == tender.terms.maxPrice;
    require(shared, "law 2: host and client share the whole price");
  }

  // ---- 3 Transitions, 11 One contract, 12 Cover

  function _observe() internal override {
    for (uint256 place; place < _open.length; place++) {
      TenderBook storage tender = _tenders[_open[place]];
      OfferId selected = market.selectedOffer(tender.id);
      bool stays = tender.seen.isNone() || OfferId.unwrap(tender.seen) == OfferId.unwrap(selected);
      require(stays, "law 11: one offer of a request is selected, for good");
      tender.seen = selected;
      for (uint256 index; index < tender.bids.length; index++) _observe(_bids[tender.bids[index]], tender);
    }
  }

  function _observe(BidBook storage bid, TenderBook storage tender) private {
    ContractState state = market.contractState(bid.id);
    if (state == bid.seen) return;
    require(_canBecome(bid.seen, state), "law 3: a contract takes no forbidden step");
    bool isSelected = OfferId.unwrap(tender.seen) == OfferId.unwrap(bid.id);
    require(isSelected, "law 11: a request has one contract, that of the offer that was selected");
    if (state == ContractState.Selected) _law12(bid.terms.host);
    bool inTime = state != ContractState.Started || block.timestamp < tender.terms.expiry;
    require(inTime, "law 11: a contract starts before its request expires");
    bid.seen = state;
  }

  function _canBecome(ContractState from, ContractState to) private pure returns (bool) {
    if (from == ContractState.None) return to == ContractState.Selected;
    if (from == ContractState.Selected) return to == ContractState.Started || to == ContractState.Released;
    return from == ContractState.Started && (to == ContractState.Finished || to == ContractState.Failed);
  }

  // ---- 8 The market says what the books say, 10 Identity

  function _law8(BidBook storage bid) private view {
    require(market.contractState(bid.id) == bid.state, "law 8: the state of a contract is what the rules say");
    require(market.proofEnd(bid.id) == bid.endsAt, "law 8: a contract ends when the rules say");
    SlotId id = _proofsOf(bid);
    require(market.missingProofs(id) == bid.missed, "law 8: misses count for the contract that missed");
    (bool drawn, bool hidden) = (_drawn(bid, _period()), _isInDowntime(id, _period()));
    require(market.isProofRequired(id) == (drawn && !hidden), "law 8: a proof is due when the rules say");
    require(market.willProofBeRequired(id) == (drawn && hidden), "law 8: in the downtime, a proof will be due");
    bool same = keccak256(abi.encode(market.getOffer(bid.id))) == OfferId.unwrap(bid.id);
    require(same, "law 10: an offer stays what it was");
  }

  function _law8(TenderBook storage tender) private view {
    bytes32 chosen = tender.decided ? OfferId.unwrap(_bids[tender.chosen].id) : bytes32(0);
    bool same = OfferId.unwrap(market.selectedOffer(tender.id)) == chosen;
    require(same, "law 8: the offer that was selected is what the rules say");
    same = keccak256(abi.encode(market.getRequest(tender.id))) == RequestId.unwrap(tender.id);
    require(same, "law 10: a request stays what it was");
  }
}

/// The rules of the other packages' tests: one deposit for all contracts, what is slashed is burnt.
contract LawsOfTheOfferMarket is OfferLaws {
  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(100, 40, 2, 30), ProofConfig(10, 5, 64));
  }
}

/// With all options: a treasury that trades as well, collateral for each contract. Odd numbers, the longest timeout.
contract LawsOfTheOfferMarketWithOptions is OfferLaws {
  function _deploy() internal override returns (IOfferMarket) {
    return IOfferMarket(_deployVerified("OfferMarket", MarketplaceOptions(address(0xAC7001), 35, true)));
  }

  function _config() internal pure override returns (MarketplaceConfig memory) {
    return MarketplaceConfig(CollateralConfig(1_000, 333, 1, 21), ProofConfig(7, 294, 10));
  }
}
