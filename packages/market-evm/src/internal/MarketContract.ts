import { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { ChainError, Misconfigured } from "@pecia/market"
import { Effect, Result, Schema } from "effect"
import type { Interface } from "ethers"
import type { BlockTag } from "../Block.ts"
import { ChainRpc } from "../ChainRpc.ts"
import { decode, encode, explain, marketplace, token } from "./marketplace.ts"

/** Turns what the ABI decoder hands out into what it means. */
export type Reader<A> = (value: unknown) => Result.Result<A, { readonly message: string }>

const misconfigured = (detail: string) => new ChainError({ reason: new Misconfigured({ detail }) })

/** The views of a contract, as one account asks them. */
export const contractAt = Effect.fnUntraced(function* (abi: Interface, address: Address, account: Address) {
  const rpc = yield* ChainRpc

  const tryRead = <A>(read: Reader<A>, call: string, args: ReadonlyArray<unknown>, at: BlockTag = "latest") =>
    Effect.gen(function* () {
      const data = yield* Effect.fromResult(encode(abi, call, args))
      const answer = yield* rpc.call({ from: account, to: address, data }, at)
      const value = yield* Effect.fromResult(decode(abi, call, answer))
      return yield* Effect.mapError(Effect.fromResult(read(value)), ({ message }) => misconfigured(message))
    }).pipe(Effect.withSpan(`Market.${call}`))

  /** For a view that has no reason to revert. */
  const read = <A>(read: Reader<A>, call: string, args: ReadonlyArray<unknown> = [], at?: BlockTag) =>
    Effect.catchTag(tryRead(read, call, args, at), "CallReverted", (reverted) => Effect.fail(explain(call, reverted)))

  return { address, abi, tryRead, read }
})

export const address: Reader<Address> = (value) =>
  Result.flatMap(Schema.decodeUnknownResult(Schema.String)(value), Address.from)

/** A marketplace and its money: found where they should be, and with their constants. */
export const openMarketplace = Effect.fnUntraced(function* (at: Address, account: Address) {
  const rpc = yield* ChainRpc
  if ((yield* rpc.code(at)) === "0x") {
    return yield* misconfigured(
      `There is no contract at ${at} on the chain at ${rpc.url} (chain id ${rpc.chainId}); deploy the marketplace there, or correct its address.`,
    )
  }
  const contract = yield* contractAt(marketplace, at, account)
  const constants = Effect.all(
    [
      contract.read(MarketplaceConfig.fromAbi, "config"),
      contract.read(MarketplaceOptions.fromAbi, "options"),
      contract.read(address, "token"),
    ],
    { concurrency: "unbounded" },
  )
  const [config, options, money] = yield* Effect.mapError(constants, (error) =>
    error.isRetryable
      ? error
      : misconfigured(
          `The contract at ${at} on the chain at ${rpc.url} is no marketplace of this version; correct its address.`,
        ),
  )
  return { contract, config, options, token: yield* contractAt(token, money, account) }
})
export type Marketplace = Effect.Success<ReturnType<typeof openMarketplace>>
