import { Address, MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { ChainError, Misconfigured } from "@pecia/market"
import { Effect, Result, Schema } from "effect"
import { type Interface, ZeroHash } from "ethers"
import type { BlockTag } from "../Block.ts"
import { ChainRpc } from "../ChainRpc.ts"
import { decode, encode, explain, marketplace, offerMarket, token } from "./abi.ts"

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

export const uint = Schema.decodeUnknownResult(Schema.BigInt)

interface Kind {
  /** What people call it. */
  readonly noun: string
  readonly abi: Interface
  /** A view by id that no other contract of ours has. */
  readonly ownView: string
}

/** A contract of ours and its money: found where they should be, and with their constants. */
const openContract = Effect.fnUntraced(function* ({ abi, noun, ownView }: Kind, at: Address, account: Address) {
  const rpc = yield* ChainRpc
  const place = `at ${at} on the chain at ${rpc.url}`
  if ((yield* rpc.code(at)) === "0x") {
    return yield* misconfigured(
      `There is no contract ${place} (chain id ${rpc.chainId}); deploy the ${noun} there, or correct its address.`,
    )
  }
  const contract = yield* contractAt(abi, at, account)
  const constants = Effect.all(
    [
      contract.read(MarketplaceConfig.fromAbi, "config"),
      contract.read(MarketplaceOptions.fromAbi, "options"),
      contract.read(address, "token"),
      contract.read(uint, ownView, [ZeroHash]),
    ],
    { concurrency: "unbounded" },
  )
  const [config, options, money] = yield* Effect.mapError(constants, (error) =>
    error.isRetryable
      ? error
      : misconfigured(`The contract ${place} is no ${noun} of this version; correct its address.`),
  )
  if (config.proofs.period === 0n) {
    return yield* misconfigured(
      `The ${noun} ${place} was created with proof periods of 0 seconds, so that no proof can ever be due; deploy it again with a period, or correct its address.`,
    )
  }
  return { contract, config, options, token: yield* contractAt(token, money, account) }
})
export type OpenContract = Effect.Success<ReturnType<typeof openContract>>

export const openMarketplace = (at: Address, account: Address) =>
  openContract({ noun: "marketplace", abi: marketplace, ownView: "slotState" }, at, account)

export const openOfferMarket = (at: Address, account: Address) =>
  openContract({ noun: "offer market", abi: offerMarket, ownView: "contractState" }, at, account)
