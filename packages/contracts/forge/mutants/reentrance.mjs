const select = `    _tenders[requestId].selected = offerId;
    _bids[offerId].state = ContractState.Selected;
    _accounts[bid.host].slots += 1;
    emit OfferSelected(offerId, requestId);
`
const reimburse = `    _send(msg.sender, request.maxPrice - bid.price, "Withdraw failed");
`
const finish = `    _bids[offerId].isPaid = true;
    if (!hasFailed) {
      _end(offerId, bid.host, ContractState.Finished);
      emit ContractFinished(offerId);
    }
`
const pay = `    _send(bid.host, _earned(bid, OpenRequestCode.load(bid.request)), "Payment failed");
`
const close = `    _tenders[requestId].isRefunded = true;
    if (bid.state == ContractState.Selected) _end(tender.selected, bid.host, ContractState.Released);
    uint256 left = tender.selected.isNone() ? request.maxPrice : bid.price - _earned(bid, request);
`
const repay = `    _send(request.client, left, "Withdraw failed");
`
const take = `    account.collateral = 0;
`
const giveBack = `    assert(token.transfer(msg.sender, amount));
`

/** Markets that pay before they write it down, and the tests that find them out. */
export default {
  tests: "Reentrance$",
  contracts: ["Marketplace", "TestMarketplace", "OfferMarket"],
  mutants: [
    [undefined, "collateral is given back before it is taken off", "Collateral.sol", take + giveBack, giveBack + take],
    [
      undefined,
      "the difference is paid before the offer is selected",
      "OfferMarket.sol",
      select + reimburse,
      reimburse + select,
    ],
    [undefined, "a host is paid before its contract is finished", "OfferMarket.sol", finish + pay, pay + finish],
    [
      undefined,
      "a client is repaid before its request is closed",
      "OfferMarket.sol",
      close + repay,
      close.slice(close.indexOf("    uint256 left")) + repay + close.slice(0, close.indexOf("    uint256 left")),
    ],
  ],
}
