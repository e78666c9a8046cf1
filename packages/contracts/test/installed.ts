import type { Artifact } from "@pecia/contracts"
import { Devnet } from "@pecia/devnet"
import { Effect, Schema } from "effect"
import { Interface } from "ethers"

const Created = Schema.Struct({ contractAddress: Schema.String })
const Mined = Schema.Struct({ gasUsed: Schema.String })

/** What a transaction costs before its first instruction, under the rules of Cancun. */
const intrinsicGas = (data: string) =>
  Buffer.from(data.slice(2), "hex").reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 21_000)

/** Creates a contract that takes no arguments, on the devnet. */
export const installed = Effect.fnUntraced(function* ({ abi, bytecode }: Artifact) {
  const { accounts, rpc } = yield* Devnet
  const from = accounts[0].address
  const created = yield* rpc("eth_sendTransactionSync", [{ from, data: bytecode, gas: "0x989680" }])
  const { contractAddress: to } = yield* Schema.decodeUnknownEffect(Created)(created)
  const contract = new Interface(abi)
  return {
    /** All values that a view answers, given 500 million gas. */
    call: Effect.fnUntraced(function* (method: string, args: ReadonlyArray<unknown>) {
      const data = contract.encodeFunctionData(method, args)
      const answer = yield* rpc("eth_call", [{ to, data, gas: "0x1dcd6500" }, "latest"])
      const values: ReadonlyArray<unknown> = contract.decodeFunctionResult(method, String(answer)).toArray()
      return values
    }),
    /** The gas that a method takes, without what its transaction costs at any rate. */
    gasOf: Effect.fnUntraced(function* (method: string, args: ReadonlyArray<unknown>) {
      const data = contract.encodeFunctionData(method, args)
      const mined = yield* rpc("eth_sendTransactionSync", [{ from, to, data, gas: "0x989680" }])
      const { gasUsed } = yield* Schema.decodeUnknownEffect(Mined)(mined)
      return Number(gasUsed) - intrinsicGas(data)
    }),
  }
})
