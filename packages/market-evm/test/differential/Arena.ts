import { deploy, type MarketplaceDeployment } from "@pecia/contracts"
import { Devnet, devnetAccounts } from "@pecia/devnet"
import type { Block, ChainError } from "@pecia/market"
import { Context, Effect, Layer, Redacted } from "effect"
import { ChainRpc } from "../../src/index.ts"
import { type BlockHashes, readHashes } from "./EvmChain.ts"
import { evmSide } from "./EvmSide.ts"
import { beginning, opening } from "./opening.ts"
import { perform } from "./Side.ts"
import { accounts, type Terms } from "./Terms.ts"

const [{ privateKey }] = devnetAccounts

/** What an arena needs of the side that plays in it. */
interface Ground {
  readonly advanceTo: (time: bigint) => Effect.Effect<void, ChainError>
  readonly head: Effect.Effect<Block, ChainError>
  readonly news: Effect.Effect<unknown>
}

/** Deploys on an anvil of its own, opens, and can take back whatever was done since. */
export const makeArena = Effect.fnUntraced(function* <Side extends Ground, R>(
  terms: Terms,
  sideOf: (deployment: MarketplaceDeployment, hashes: BlockHashes) => Effect.Effect<Side, ChainError, R>,
  open: (side: Side) => Effect.Effect<void, ChainError>,
) {
  const devnet = yield* Devnet
  yield* devnet.mine(256)
  yield* devnet.rpc("anvil_setBlockTimestampInterval", [0])
  const hashes: BlockHashes = new Map()
  const key = Redacted.make(privateKey)
  const deployment = yield* deploy({ ...terms, url: devnet.url, privateKey: key, verifier: "TestVerifier" })
  const side = yield* sideOf(deployment, hashes)
  yield* open(side)
  yield* side.advanceTo(beginning)
  yield* readHashes(hashes, 0n, (yield* side.head).number)
  let untouched = yield* devnet.snapshot
  /** Takes back whatever was done to the contract since its opening. */
  const clear = Effect.gen(function* () {
    yield* devnet.revert(untouched)
    untouched = yield* devnet.snapshot
    yield* side.news
  })
  return { terms, side, clear, blockHash: (number: bigint): bigint => hashes.get(number) ?? 0n }
})

/** The anvil that an arena stands on. */
export const layerAnvil = Layer.unwrap(Effect.map(Devnet, ({ url }) => ChainRpc.layer({ url }))).pipe(
  Layer.provideMerge(Devnet.layer({ timestamp: 1_700_000_000n })),
)

const make = (terms: Terms) =>
  makeArena(
    terms,
    (deployment, hashes) => evmSide(deployment, accounts, hashes),
    (side) => Effect.forEach(opening(terms), (step) => perform(side, step), { discard: true }),
  )

/** A marketplace on an anvil of its own, on which one sequence after the other is run. */
export class Arena extends Context.Service<Arena, Effect.Success<ReturnType<typeof make>>>()(
  "@pecia/market-evm/test/differential/Arena",
) {
  static readonly layer = (terms: Terms) =>
    Layer.effect(Arena, make(terms)).pipe(Layer.provide(layerAnvil), Layer.orDie)
}
