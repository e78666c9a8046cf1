import type { Address } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import { AccountLocked, type InsufficientAllowance, type InsufficientBalance } from "../../MarketError.ts"
import { accountOf, type Call, ensure, type Outcome, setAccount } from "./call.ts"
import { pay, pull } from "./token.ts"
import { add, multiply, uint256 } from "./uint256.ts"

// Collateral (contract interface, section 2.1): one balance per account, whatever the number of its slots.

export const collateralOf = (call: Call, address: Address): bigint => accountOf(call, address).collateral

/** Books tokens that come or go, for the account and for the contract as a whole. */
const book = (
  call: Call,
  address: Address,
  total: "deposited" | "withdrawn" | "slashed",
  amount: bigint,
): Outcome<void> =>
  Result.gen(function* () {
    const { collateral } = call.state
    call.state = { ...call.state, collateral: { ...collateral, [total]: yield* add(collateral[total], amount) } }
    const change = total === "deposited" ? amount : -amount
    setAccount(call, address, { collateral: yield* add(collateralOf(call, address), change) })
  })

export const deposit = (call: Call, amount: bigint): Outcome<void, InsufficientAllowance | InsufficientBalance> =>
  Result.gen(function* () {
    yield* pull(call, yield* uint256(amount))
    yield* book(call, call.sender, "deposited", amount)
  })

export const withdraw = (call: Call): Outcome<void, AccountLocked> =>
  Result.gen(function* () {
    const { collateral, slots } = accountOf(call, call.sender)
    yield* ensure(HashSet.isEmpty(slots), () => new AccountLocked({ account: call.sender }))
    yield* book(call, call.sender, "withdrawn", collateral)
    yield* pay(call, call.sender, collateral)
  })

/** Takes a percentage of the collateral, rounded down. The tokens stay in the contract for ever. */
export const slash = (call: Call, address: Address, percentage: bigint): Outcome<void> =>
  Result.gen(function* () {
    yield* book(call, address, "slashed", (yield* multiply(collateralOf(call, address), percentage)) / 100n)
  })
