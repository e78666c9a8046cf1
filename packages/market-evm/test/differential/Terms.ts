import { Address, MarketplaceConfig, MarketplaceOptions, zeroAddress } from "@pecia/contracts-abi"
import { devnetAccounts } from "@pecia/devnet"

/** Who takes part: the devnet knows their keys. Account 0 there deploys. */
export const accounts = devnetAccounts.slice(1, 6).map(({ address }) => Address.make(address))

/** A marketplace as it can be deployed. */
export interface Terms {
  readonly name: string
  readonly contract: "Marketplace" | "TestMarketplace"
  readonly config: MarketplaceConfig
  readonly options: MarketplaceOptions
}

type Collateral = [initialAmount: bigint, minimumAmount: bigint, slashCriterion: bigint, slashPercentage: bigint]
type Proofs = [period: bigint, timeout: bigint, downtime: bigint]

const configOf = (collateral: Collateral, proofs: Proofs) => {
  const [initialAmount, minimumAmount, slashCriterion, slashPercentage] = collateral
  const [period, timeout, downtime] = proofs
  return new MarketplaceConfig({
    collateral: { initialAmount, minimumAmount, slashCriterion, slashPercentage },
    proofs: { period, timeout, downtime },
  })
}

const optionsOf = (treasury: Address, markerPercentage: bigint, collateralPerSlot: boolean) =>
  new MarketplaceOptions({ treasury, markerPercentage, collateralPerSlot })

const at = (who: number) => accounts[who] ?? zeroAddress

/** Marketplaces that are hard on hosts in different ways, so that few calls lead far. */
export const allTerms: ReadonlyArray<Terms> = [
  {
    name: "two misses cost the slot",
    contract: "TestMarketplace",
    config: configOf([100n, 50n, 1n, 40n], [10n, 9n, 20n]),
    options: MarketplaceOptions.standard,
  },
  {
    name: "misses can be marked for as long as the contract allows",
    contract: "TestMarketplace",
    config: configOf([100n, 60n, 2n, 50n], [7n, 42n * 7n, 64n]),
    options: MarketplaceOptions.standard,
  },
  {
    name: "collateral for every slot, and a host is the treasury",
    contract: "Marketplace",
    config: configOf([60n, 41n, 1n, 33n], [10n, 5n, 0n]),
    options: optionsOf(at(3), 50n, true),
  },
  {
    name: "one slash takes all, and half the blocks are downtime",
    contract: "Marketplace",
    config: configOf([100n, 1n, 2n, 100n], [5n, 20n, 128n]),
    options: optionsOf(at(4), 100n, false),
  },
  {
    name: "collateral is a formality",
    contract: "Marketplace",
    config: configOf([0n, 0n, 1n, 7n], [10n, 30n, 10n]),
    options: optionsOf(zeroAddress, 0n, true),
  },
]
