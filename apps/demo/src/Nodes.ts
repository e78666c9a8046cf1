import type { Address } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { type Peciad, Testnet, type TestnetAccount } from "@pecia/testnet"
import { Effect } from "effect"
import type { Plan } from "./Plan.ts"

/** A node on the stage, and the account that it signs for. */
export interface Actor extends Peciad {
  readonly address: Address
}

const actorOf =
  (account: TestnetAccount) =>
  (node: Peciad): Actor => ({ ...node, address: account.address })

/** Starts the client, then the hosts, which stay connected with it. */
export const startNodes = Effect.fnUntraced(function* (plan: Plan) {
  const testnet = yield* Testnet
  const [clientAccount, ...hostAccounts] = testnet.accounts
  if (clientAccount === undefined) return yield* Effect.die("the testnet has no accounts")
  const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
  const hosts = yield* Effect.forEach(
    hostAccounts.slice(0, plan.hosts),
    (account, index) =>
      testnet
        .peciad(account, { name: `host ${index + 1}`, roles: ["host"], peers: client.peerAddresses })
        .pipe(Effect.map(actorOf(account))),
    { concurrency: "unbounded" },
  )
  return { client: actorOf(clientAccount)(client), hosts }
})

/** Wallet plus collateral, in token base units. */
export const wealthOf = Effect.fnUntraced(function* ({ address }: { readonly address: Address }) {
  const market = yield* Market
  return (yield* market.tokens(address)) + (yield* market.collateral(address))
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
