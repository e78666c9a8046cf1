import type { Address } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import { AccountLocked, type InsufficientAllowance, type InsufficientBalance } from "../../MarketError.ts"
import { accountOf, type Call, ensure, type Outcome, setAccount } from "./call.ts"
import { pay, pull } from "./token.ts"
import { add, multiply, subtract, uint256 } from "./uint256.ts"

// Collateral (contract interface, section 2.1): one balance per account, whatever the number of its slots.

export const collateralOf = (call: Call, address: Address): bigint => {
  const { deposited, withdrawn, slashed } = accountOf(call, address)
  return deposited - withdrawn - slashed
}

export const deposit = (call: Call, amount: bigint): Outcome<void, InsufficientAllowance | InsufficientBalance> =>
  Result.gen(function* () {
    yield* pull(call, yield* uint256(amount))
    setAccount(call, call.sender, { deposited: yield* add(accountOf(call, call.sender).deposited, amount) })
  })

export const withdraw = (call: Call): Outcome<void, AccountLocked> =>
  Result.gen(function* () {
    const { slots, withdrawn } = accountOf(call, call.sender)
    yield* ensure(HashSet.isEmpty(slots), () => new AccountLocked({ account: call.sender }))
    const amount = collateralOf(call, call.sender)
    setAccount(call, call.sender, { withdrawn: yield* add(withdrawn, amount) })
    yield* pay(call, call.sender, amount)
  })

/** Takes a percentage of the collateral, rounded down. The tokens stay in the contract for ever. */
export const slash = (call: Call, address: Address, percentage: bigint): Outcome<void> =>
  Result.gen(function* () {
    const balance = collateralOf(call, address)
    const amount = (yield* multiply(balance, percentage)) / 100n
    yield* subtract(balance, amount)
    setAccount(call, address, { slashed: accountOf(call, address).slashed + amount })
  })
