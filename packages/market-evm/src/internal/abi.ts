import { marketplaceAbi, offerMarketAbi, RevertReason, testTokenAbi } from "@pecia/contracts-abi"
import { ChainError, Misconfigured, Reverted } from "@pecia/market"
import { Option, Result } from "effect"
import { type ErrorDescription, Interface } from "ethers"
import type { CallReverted } from "../RpcError.ts"

export const marketplace = new Interface(marketplaceAbi)
export const offerMarket = new Interface(offerMarketAbi)
/** Any ERC-20 token has what is used of this one. */
export const token = new Interface(testTokenAbi)

/** The input of a call. A number that the ABI cannot carry would be refused by the contract, if it could be sent. */
export const encode = (abi: Interface, call: string, args: ReadonlyArray<unknown>): Result.Result<string, ChainError> =>
  Result.try({
    try: () => abi.encodeFunctionData(call, args),
    catch: () => {
      const detail = "an argument does not fit the contract's type for it"
      return new ChainError({ reason: new Reverted({ call, detail }) })
    },
  })

/** What a view answers; several values are an array. */
export const decode = (abi: Interface, call: string, data: string): Result.Result<unknown, ChainError> =>
  Result.try({
    try: () => {
      const values: ReadonlyArray<unknown> = [...abi.decodeFunctionResult(call, data)]
      return values.length === 1 ? values[0] : values
    },
    catch: () => {
      const detail = `The contract's answer to ${call} cannot be read; check that its address is that of a contract of this version.`
      return new ChainError({ reason: new Misconfigured({ detail }) })
    },
  })

const parse = ({ data }: CallReverted): Option.Option<ErrorDescription> =>
  Option.flatMap(Option.liftThrowable(() => token.parseError(data))(), Option.fromNullOr)

/** How tokens that keep to ERC-6093 say what the older ones put in words. */
const wordsOf: Readonly<Record<string, RevertReason>> = {
  ERC20InsufficientAllowance: "ERC20: insufficient allowance",
  ERC20InsufficientBalance: "ERC20: transfer amount exceeds balance",
}

/** Why the contract refused, if it is a reason that the interface names. */
export const reasonOf = (reverted: CallReverted): Option.Option<RevertReason> =>
  Option.flatMap(parse(reverted), ({ name, args }) => RevertReason.parse(name === "Error" ? args[0] : wordsOf[name]))

const panics: Readonly<Record<string, string>> = {
  1: "a rule that always holds does not",
  17: "a number would be negative or exceed its type",
  18: "division by zero",
  50: "an index is out of range",
}

/** The reason of a revert on which no caller decides. */
export const explain = (call: string, reverted: CallReverted): ChainError => {
  const detail = Option.match(parse(reverted), {
    onNone: () => (reverted.data === "0x" ? "it gave no reason" : `its reason cannot be read (${reverted.data})`),
    onSome: ({ name, args }) => {
      if (name === "Error") return String(args[0])
      if (name === "Panic") return `panic: ${panics[String(args[0])] ?? `code ${args[0]}`}`
      return wordsOf[name] ?? name
    },
  })
  return new ChainError({ reason: new Reverted({ call, detail }) })
}
