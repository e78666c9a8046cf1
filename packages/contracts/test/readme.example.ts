import { deploy } from "@pecia/contracts"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect, Redacted } from "effect"

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const program = Effect.gen(function* () {
  const { accounts, mine, url } = yield* Devnet
  yield* mine(257)
  return yield* deploy({ url, privateKey: Redacted.make(accounts[0].privateKey), config })
})

export const deployment = await Effect.runPromise(program.pipe(Effect.provide(Devnet.layer())))
