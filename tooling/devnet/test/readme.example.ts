import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"

const program = Effect.gen(function* () {
  const devnet = yield* Devnet
  yield* devnet.mine(257)
  const number = yield* devnet.rpc("eth_blockNumber")
  return { url: devnet.url, number, payer: devnet.accounts[0].address }
})

export const answer = await Effect.runPromise(program.pipe(Effect.provide(Devnet.layer({ timestamp: 1_700_000_000n }))))
