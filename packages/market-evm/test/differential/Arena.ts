import { deploy } from "@pecia/contracts"
import { Devnet, devnetAccounts } from "@pecia/devnet"
import { Context, Effect, Layer, Redacted } from "effect"
import { ChainRpc } from "../../src/index.ts"
import { type BlockHashes, readHashes } from "./EvmChain.ts"
import { evmSide } from "./EvmSide.ts"
import { beginning, opening } from "./opening.ts"
import { perform } from "./Side.ts"
import { accounts, type Terms } from "./Terms.ts"

const [{ privateKey }] = devnetAccounts

const make = Effect.fnUntraced(function* (terms: Terms) {
  const devnet = yield* Devnet
  yield* devnet.mine(256)
  yield* devnet.rpc("anvil_setBlockTimestampInterval", [0])
  const hashes: BlockHashes = new Map()
  const key = Redacted.make(privateKey)
  const deployment = yield* deploy({ ...terms, url: devnet.url, privateKey: key, verifier: "TestVerifier" })
  const side = yield* evmSide(deployment, accounts, hashes)
  for (const step of opening(terms)) yield* perform(side, step)
  yield* side.advanceTo(beginning)
  yield* readHashes(hashes, 0n, (yield* side.head).number)
  let untouched = yield* devnet.snapshot
  /** Takes back whatever was done to the marketplace since its opening. */
  const clear = Effect.gen(function* () {
    yield* devnet.revert(untouched)
    untouched = yield* devnet.snapshot
    yield* side.news
  })
  return { terms, side, clear, blockHash: (number: bigint): bigint => hashes.get(number) ?? 0n }
})

/** A marketplace on an anvil of its own, on which one sequence after the other is run. */
export class Arena extends Context.Service<Arena, Effect.Success<ReturnType<typeof make>>>()(
  "@pecia/market-evm/test/differential/Arena",
) {
  static readonly layer = (terms: Terms) =>
    Layer.effect(Arena, make(terms)).pipe(
      Layer.provide(Layer.unwrap(Effect.map(Devnet, ({ url }) => ChainRpc.layer({ url })))),
      Layer.provide(Devnet.layer({ timestamp: 1_700_000_000n })),
      Layer.orDie,
    )
}
