import { Result, Schema } from "effect"
import type { AbiError } from "./AbiError.ts"
import { readTuple } from "./internal/abiTuple.ts"
import { Uint8, Uint256 } from "./Uint.ts"

/** (initialAmount, minimumAmount, slashCriterion, slashPercentage), (period, timeout, downtime) */
const AbiConfig = Schema.Tuple([
  Schema.Tuple([Uint256, Uint256, Uint256, Uint256]),
  Schema.Tuple([Uint256, Uint256, Uint8]),
])
const readConfig = readTuple("MarketplaceConfig", AbiConfig)

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
    downtime: Uint8,
  }),
}) {
  /** Reads the contract's tuple, as ethers hands it out. */
  static fromAbi(tuple: unknown): Result.Result<MarketplaceConfig, AbiError> {
    return Result.map(readConfig(tuple), ([collateral, proofs]) => {
      const [initialAmount, minimumAmount, slashCriterion, slashPercentage] = collateral
      const [period, timeout, downtime] = proofs
      return new MarketplaceConfig({
        collateral: { initialAmount, minimumAmount, slashCriterion, slashPercentage },
        proofs: { period, timeout, downtime },
      })
    })
  }

  /** The contract's tuple, as ethers takes it. */
  static toAbi({ collateral, proofs }: MarketplaceConfig): typeof AbiConfig.Type {
    const { initialAmount, minimumAmount, slashCriterion, slashPercentage } = collateral
    const { period, timeout, downtime } = proofs
    return [
      [initialAmount, minimumAmount, slashCriterion, slashPercentage],
      [period, timeout, downtime],
    ]
  }
}
