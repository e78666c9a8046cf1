// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarket} from "./IMarket.sol";
import {ContractState, Offer, OfferId, OpenRequest} from "./Offer.sol";
import {RequestId} from "./Request.sol";

/// @title A market for storage by offers
/// @notice A client names the most that it pays, hosts offer, the client selects an offer and has the difference paid back. The
/// host starts the contract, proves in every period that it keeps the data, and is paid at the end. Proofs go by offer id.
interface IOfferMarket is IMarket {
  /// @notice A client asks for offers.
  event StorageRequested(RequestId requestId, OpenRequest request);

  event StorageOffered(OfferId offerId, Offer offer, RequestId indexed requestId);

  event OfferSelected(OfferId offerId, RequestId indexed requestId);

  event ContractStarted(OfferId indexed offerId);

  /// @notice The contract is over and its host was paid.
  event ContractFinished(OfferId indexed offerId);

  /// @notice The host's collateral fell below the minimum. It is paid for the time stored, the client gets the rest.
  event ContractFailed(OfferId indexed offerId);

  // ---- Clients

  /// @notice Asks for offers and takes `maxPrice` from the caller, its client.
  /// @dev Reverts with "Invalid client address", "Request already exists", "Invalid duration" (0, or beyond 32 bits), "Invalid
  /// price" (beyond 128 bits), "Invalid expiry" (beyond 40 bits; one in the past is allowed), "Invalid proof probability"
  /// (beyond 64 bits), "Invalid proof parameters" (the verifier cannot use the size); and with what the token says.
  function requestStorage(OpenRequest calldata request) external;

  /// @notice Makes the offer's contract the request's, and pays `maxPrice - price` back to the client, the caller.
  /// @dev Reverts with "Unknown offer", "Offer expired", "Only client can select offer", "Offer already selected", "Request
  /// expired", "Insufficient collateral" (the host's, since it offered).
  function selectOffer(OfferId offerId) external;

  /// @notice Pays what no host has earned back to the client: of a request that expired before a contract started, or whose
  /// contract failed. Anyone can call it; a host whose contract did not start is free again.
  /// @dev Reverts with "Unknown request", "Request not yet timed out"; with "Invalid state" when there is nothing to pay back.
  function withdrawFunds(RequestId requestId) external;

  // ---- Hosts

  /// @notice Offers to keep the data. The host's collateral is locked until another offer is selected or the request expires.
  /// @dev Reverts with "Invalid host address", "Insufficient collateral", "Unknown request", "Request expired", "Price too
  /// high", "Offer already exists", "Max locks reached" (128 requests to which the host has offered are open).
  function offerStorage(Offer calldata offer) external;

  /// @notice The selected host says that it keeps the data. Proofs are due from the next period on.
  /// @dev Reverts with "Only host can call this function", "Offer was not selected", "Proof id already in use", "Request
  /// expired".
  function startContract(OfferId offerId) external;

  /// @notice Pays the host: the price when the contract is over, its share for the time stored when it has failed. Anyone can
  /// call it.
  /// @dev Reverts with "Contract not started", "Contract has not ended yet".
  function finishContract(OfferId offerId) external;

  // ---- Views

  /// @notice A request, or zeros.
  function getRequest(RequestId requestId) external view returns (OpenRequest memory);

  /// @notice An offer, or zeros.
  function getOffer(OfferId offerId) external view returns (Offer memory);

  /// @notice The offer that was selected, or zero.
  function selectedOffer(RequestId requestId) external view returns (OfferId);

  function contractState(OfferId offerId) external view returns (ContractState);

  /// @notice Unix time at which the contract ends, or ended; zero before its start.
  function proofEnd(OfferId offerId) external view returns (uint256);
}
