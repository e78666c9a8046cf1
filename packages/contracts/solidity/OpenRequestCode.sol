// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CodeStore} from "./CodeStore.sol";
import {OpenRequest} from "./Offer.sol";

/// @title Open requests as the bytes that the store of code keeps of them
/// @dev In order, and where each begins:
///
///   0        20         24       29         45                 53     85            117     149
///   | client | duration | expiry | maxPrice | proofProbability | size | contentHash | nonce |
library OpenRequestCode {
  using CodeStore for bytes;

  /// @dev Whether the parts of a request fit their places, with the reason if one does not.
  function check(OpenRequest calldata request) internal pure {
    require(request.duration > 0 && request.duration <= type(uint32).max, "Invalid duration");
    require(request.maxPrice <= type(uint128).max, "Invalid price");
    require(request.expiry <= type(uint40).max, "Invalid expiry");
    require(request.proofProbability <= type(uint64).max, "Invalid proof probability");
  }

  function store(uint256 number, OpenRequest calldata request) internal {
    CodeStore.store(
      number,
      abi.encodePacked(
        request.client,
        uint32(request.duration),
        uint40(request.expiry),
        uint128(request.maxPrice),
        uint64(request.proofProbability),
        request.size,
        request.contentHash,
        request.nonce
      )
    );
  }

  function load(uint256 number) internal view returns (OpenRequest memory request) {
    bytes memory code = CodeStore.load(number, 149);
    request.client = address(uint160(code.uintAt(0, 20)));
    request.duration = code.uintAt(20, 4);
    request.expiry = code.uintAt(24, 5);
    request.maxPrice = code.uintAt(29, 16);
    request.proofProbability = code.uintAt(45, 8);
    request.size = code.uintAt(53, 32);
    request.contentHash = bytes32(code.uintAt(85, 32));
    request.nonce = bytes32(code.uintAt(117, 32));
  }
}
