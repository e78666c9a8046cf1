import { Schema } from "effect"
import { Uint256 } from "./Uint.ts"

/** The constants of a deployed marketplace. */
export class MarketplaceConfig extends Schema.Class<MarketplaceConfig>("@pecia/contracts-abi/MarketplaceConfig")({
  collateral: Schema.Struct({
    /** Token base units a host has to have deposited to fill a slot. */
    initialAmount: Uint256,
    /** Token base units below which a slashed host loses the slot. */
    minimumAmount: Uint256,
    /** Missed proofs per slash. */
    slashCriterion: Uint256,
    /** Per cent of the collateral. */
    slashPercentage: Uint256,
  }),
  proofs: Schema.Struct({
    /** Seconds. */
    period: Uint256,
    /** Seconds after the end of a period in which a missing proof can be marked. */
    timeout: Uint256,
    /** Blocks (0 to 255) after a wrap of the pointer in which no proof is demanded. */
    downtime: Schema.BigInt.pipe(Schema.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 255n }))),
  }),
}) {}
