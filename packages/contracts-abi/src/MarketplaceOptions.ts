import { Result, Schema } from "effect"
import type { AbiError } from "./AbiError.ts"
import { Address, zeroAddress } from "./Address.ts"
import { AbiAddress, readTuple } from "./internal/abiTuple.ts"

const Percentage = Schema.BigInt.pipe(Schema.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 100n })))

/** treasury, markerPercentage, collateralPerSlot */
const AbiOptions = Schema.Tuple([AbiAddress, Percentage, Schema.Boolean])
const readOptions = readTuple("MarketplaceOptions", AbiOptions)

/** What a marketplace can be deployed with in one way or another, besides its constants. */
export class MarketplaceOptions extends Schema.Class<MarketplaceOptions>("@pecia/contracts-abi/MarketplaceOptions")({
  /** Owns what is slashed, but for the part of those who mark misses. The zero address: that is burnt. */
  treasury: Address,
  /** Per cent (0 to 100) of what is slashed, for whoever marked the miss. */
  markerPercentage: Percentage,
  /** Whether a host needs the initial amount of collateral for each slot that it holds, or once for all of them. */
  collateralPerSlot: Schema.Boolean,
}) {
  /** What `TestMarketplace` has: slashed collateral is burnt but for a fifth, and one deposit backs any number of slots. */
  static readonly standard = new MarketplaceOptions({
    treasury: zeroAddress,
    markerPercentage: 20n,
    collateralPerSlot: false,
  })

  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<MarketplaceOptions, AbiError> {
    return Result.map(
      readOptions(tuple),
      ([treasury, markerPercentage, collateralPerSlot]) =>
        new MarketplaceOptions({ treasury, markerPercentage, collateralPerSlot }),
    )
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi({ treasury, markerPercentage, collateralPerSlot }: MarketplaceOptions): typeof AbiOptions.Type {
    return [treasury, markerPercentage, collateralPerSlot]
  }
}
