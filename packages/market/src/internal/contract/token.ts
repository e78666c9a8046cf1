import type { Address } from "@pecia/contracts-abi"
import { HashMap, Option, Result } from "effect"
import { InsufficientAllowance, InsufficientBalance } from "../../MarketError.ts"
import type { Token } from "./books.ts"
import { type Call, ensure, type Outcome } from "./call.ts"
import { add, subtract, uint256 } from "./uint256.ts"

// The money: an ERC-20 token as OpenZeppelin writes it, with allowances for contracts alone.

/** Such an allowance is never used up. */
const infinite = 2n ** 256n - 1n

export const balanceOf = (call: Call, account: Address): bigint =>
  Option.getOrElse(HashMap.get(call.token.balances, account), () => 0n)

/** What is allowed is so for the contract that is called. */
const allowanceKey = (call: Call, owner: Address): string => `${owner} ${call.contract}`

const allowanceOf = (call: Call, owner: Address): bigint =>
  Option.getOrElse(HashMap.get(call.token.allowances, allowanceKey(call, owner)), () => 0n)

const setToken = (call: Call, change: Partial<Token>): void => {
  call.token = { ...call.token, ...change }
}

const setBalance = (call: Call, account: Address, balance: bigint): void =>
  setToken(call, { balances: HashMap.set(call.token.balances, account, balance) })

const setAllowance = (call: Call, owner: Address, allowance: bigint): void =>
  setToken(call, { allowances: HashMap.set(call.token.allowances, allowanceKey(call, owner), allowance) })

export const mint = (call: Call, to: Address, amount: bigint): Outcome<void> =>
  Result.gen(function* () {
    setToken(call, { supply: yield* add(call.token.supply, yield* uint256(amount)) })
    setBalance(call, to, balanceOf(call, to) + amount)
  })

export const approveMore = (call: Call, amount: bigint): Outcome<void> =>
  Result.gen(function* () {
    setAllowance(call, call.sender, yield* add(allowanceOf(call, call.sender), yield* uint256(amount)))
  })

const move = (call: Call, from: Address, to: Address, amount: bigint): Outcome<void, InsufficientBalance> =>
  Result.gen(function* () {
    yield* ensure(balanceOf(call, from) >= amount, () => new InsufficientBalance({ account: from }))
    setBalance(call, from, balanceOf(call, from) - amount)
    setBalance(call, to, balanceOf(call, to) + amount)
  })

/** The contract takes approved tokens from the caller. */
export const pull = (call: Call, amount: bigint): Outcome<void, InsufficientAllowance | InsufficientBalance> =>
  Result.gen(function* () {
    const allowance = allowanceOf(call, call.sender)
    yield* ensure(allowance >= amount, () => new InsufficientAllowance({ account: call.sender }))
    if (allowance !== infinite) setAllowance(call, call.sender, allowance - amount)
    yield* move(call, call.sender, call.contract, amount)
  })

/** The contract pays. It never owes more than it has, so a short balance could only be arithmetic gone wrong. */
export const pay = (call: Call, to: Address, amount: bigint): Outcome<void> =>
  Result.gen(function* () {
    setBalance(call, call.contract, yield* subtract(balanceOf(call, call.contract), amount))
    setBalance(call, to, balanceOf(call, to) + amount)
  })
