import type { Address } from "@pecia/contracts-abi"
import { Market, OfferMarket } from "@pecia/market"
import { type Peciad, Testnet, type TestnetAccount } from "@pecia/testnet"
import { Effect, Schema } from "effect"
import type { Stage } from "./Plan.ts"

/** A node on the stage, and the account that it signs for. */
export interface Actor extends Peciad {
  readonly address: Address
}

const actorOf =
  (account: TestnetAccount) =>
  (node: Peciad): Actor => ({ ...node, address: account.address })

/** Everybody on the stage. */
export interface Cast {
  readonly client: Actor
  readonly hosts: ReadonlyArray<Actor>
  readonly validators: ReadonlyArray<Actor>
}

/** Starts the client, then the hosts, which stay connected with it, and the validators. */
export const startNodes = Effect.fnUntraced(function* (stage: Stage) {
  const testnet = yield* Testnet
  const [clientAccount, ...others] = testnet.accounts
  if (clientAccount === undefined) return yield* Effect.die("the testnet has no accounts")
  const client = yield* testnet.peciad(clientAccount, { name: "client", roles: ["client"] })
  const start = (role: "host" | "validator", accounts: ReadonlyArray<TestnetAccount>) =>
    Effect.forEach(
      accounts,
      (account, index) =>
        testnet
          .peciad(account, { name: `${role} ${index + 1}`, roles: [role], peers: client.peerAddresses })
          .pipe(Effect.map(actorOf(account))),
      { concurrency: "unbounded" },
    )
  const [hosts, validators] = yield* Effect.all(
    [
      start("host", others.slice(0, stage.hosts)),
      start("validator", others.slice(stage.hosts, stage.hosts + stage.validators)),
    ],
    { concurrency: "unbounded" },
  )
  return { client: actorOf(clientAccount)(client), hosts, validators } satisfies Cast
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

/** What the contracts hold beside everybody's collateral. */
export const contractTokens = Effect.fnUntraced(function* ({ hosts, validators }: Cast) {
  const { deployment, offerMarket: offerContract } = yield* Testnet
  const market = yield* Market
  const offerMarket = yield* OfferMarket
  const collateral = yield* Effect.forEach([...hosts, ...validators], ({ address }) =>
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

const Block = Schema.Struct({ timestamp: Schema.String.pipe(Schema.check(Schema.isPattern(/^0x[0-9a-f]+$/))) })

/** When a block was mined, by the chain's clock, in unix seconds. */
export const timeOf = Effect.fnUntraced(function* (blockNumber: bigint) {
  const { devnet } = yield* Testnet
  const block = yield* devnet.rpc("eth_getBlockByNumber", [`0x${blockNumber.toString(16)}`, false])
  return BigInt((yield* Schema.decodeUnknownEffect(Block)(block)).timestamp)
})
