import type { MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Result } from "effect"
import { ensure, type Outcome } from "./call.ts"
import { Revert } from "./uint256.ts"

/** What a contract was deployed with. */
export interface Deployed {
  readonly config: MarketplaceConfig
  readonly options: MarketplaceOptions
}

/** How many periods that are over the record of a slot's proofs is sure to hold. */
const periodsRemembered = 42n

/** The checks of the constructor, but for what is given: enough blocks on the chain, and a percentage in the options. */
export const construct = (config: MarketplaceConfig, options: MarketplaceOptions): Outcome<Deployed> =>
  Result.gen(function* () {
    const { collateral, proofs } = config
    const refused = (detail: string) => () => new Revert({ detail })
    yield* ensure(proofs.period > 0n, refused("Invalid period"))
    yield* ensure(proofs.timeout <= periodsRemembered * proofs.period, refused("Timeout too long"))
    yield* ensure(collateral.slashCriterion > 0n, refused("Invalid slash criterion"))
    yield* ensure(collateral.slashPercentage <= 100n, refused("Invalid slash percentage"))
    return { config, options }
  })
