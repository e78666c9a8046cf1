import type { Address } from "@pecia/contracts-abi"
import { Market, OfferMarket } from "@pecia/market"
import { type Peciad, Testnet, type TestnetAccount } from "@pecia/testnet"
import { Effect } from "effect"
import type { Stage } from "./Plan.ts"

/** A node on the stage, and the account that it signs for. */
export interface Actor extends Peciad {
  readonly address: Address
}

const actorOf =
  (account: TestnetAccount) =>
  (node: Peciad): Actor => ({ ...node, address: account.address })

/** Starts the client, then the hosts, which stay connected with it. */
export const startNodes = Effect.fnUntraced(function* (stage: Stage) {
  const testnet = yield* Testnet
  const [clientAccount, ...hostAccounts] = testnet.accounts
  if (clientAccount === undefined) return yield* Effect.die("the testnet has no accounts")
  const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
  const hosts = yield* Effect.forEach(
    hostAccounts.slice(0, stage.hosts),
    (account, index) =>
      testnet
        .peciad(account, { name: `host ${index + 1}`, roles: ["host"], peers: client.peerAddresses })
        .pipe(Effect.map(actorOf(account))),
    { concurrency: "unbounded" },
  )
  return { client: actorOf(clientAccount)(client), hosts }
})

/** Puts space on both markets. */
export const offerSpace = (
  { client }: Actor,
  stage: Stage,
  terms: { readonly totalSize: bigint; readonly minPricePerBytePerSecond: bigint },
) =>
  client.createAvailability({
    payload: {
      ...terms,
      duration: stage.durationSeconds,
      totalCollateral: stage.config.collateral.initialAmount,
    },
  })

/** Wallet plus collateral on both markets, in token base units. */
export const wealthOf = Effect.fnUntraced(function* ({ address }: { readonly address: Address }) {
  const market = yield* Market
  const offerMarket = yield* OfferMarket
  return (
    (yield* market.tokens(address)) + (yield* market.collateral(address)) + (yield* offerMarket.collateral(address))
  )
})

/** What the contracts hold beside the collateral of the hosts. */
export const contractTokens = Effect.fnUntraced(function* (hosts: ReadonlyArray<Actor>) {
  const { deployment, offerMarket: offerContract } = yield* Testnet
  const market = yield* Market
  const offerMarket = yield* OfferMarket
  const collateral = yield* Effect.forEach(hosts, ({ address }) =>
    Effect.zipWith(market.collateral(address), offerMarket.collateral(address), (one, other) => one + other),
  )
  const held = (yield* market.tokens(deployment.marketplace)) + (yield* market.tokens(offerContract))
  return collateral.reduce((left, one) => left - one, held)
})

/** What is on a host's disk, and what it offers. */
export const spaceOf = Effect.fnUntraced(function* ({ client }: Actor) {
  const { quotaUsedBytes } = yield* client.space()
  const offers = yield* client.availabilities()
  return {
    usedBytes: quotaUsedBytes,
    freeBytes: offers.reduce((sum, { freeSize }) => sum + freeSize, 0n),
    offeredBytes: offers.reduce((sum, { totalSize }) => sum + totalSize, 0n),
  }
})
