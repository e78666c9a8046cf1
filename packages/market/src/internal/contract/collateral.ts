import { type Address, zeroAddress } from "@pecia/contracts-abi"
import { HashSet, Result } from "effect"
import { AccountLocked, type InsufficientAllowance, type InsufficientBalance } from "../../MarketError.ts"
import { accountOf, type Call, ensure, type Outcome, setAccount } from "./call.ts"
import { pay, pull } from "./token.ts"
import { Revert, uint128, uint256 } from "./uint256.ts"

// Collateral (contract interface, section 2.1): one balance per account.

export const collateralOf = (call: Call, address: Address): bigint => accountOf(call, address).collateral

const change = (call: Call, address: Address, amount: bigint): Outcome<void> =>
  Result.map(uint128(collateralOf(call, address) + amount), (collateral) => setAccount(call, address, { collateral }))

export const deposit = (call: Call, amount: bigint): Outcome<void, InsufficientAllowance | InsufficientBalance> =>
  Result.gen(function* () {
    yield* uint256(amount)
    yield* Result.mapError(change(call, call.sender, amount), () => new Revert({ detail: "Amount too large" }))
    yield* pull(call, amount)
  })

/** Collateral is locked by the slots that its owner keeps, and by whatever else the contract has in `isBound`. */
export const withdraw = (call: Call, isBound = false): Outcome<void, AccountLocked> =>
  Result.gen(function* () {
    const { collateral, slots } = accountOf(call, call.sender)
    yield* ensure(HashSet.isEmpty(slots) && !isBound, () => new AccountLocked({ account: call.sender }))
    yield* change(call, call.sender, -collateral)
    yield* pay(call, call.sender, collateral)
  })

/** Whether the account has put up enough to hold one more slot: the initial amount once, or for each, as the options have it. */
export const coversOneMore = (call: Call, address: Address): boolean => {
  const { collateral, slots } = accountOf(call, address)
  const backed = call.options.collateralPerSlot ? BigInt(HashSet.size(slots)) + 1n : 1n
  return collateral >= call.config.collateral.initialAmount * backed
}

/**
 * Takes a percentage of the host's collateral: a part of it for the caller who marked the miss, the rest for the treasury. A host
 * gets nothing for marking its own miss. Without a treasury the rest is burnt: it stays in the contract, which owes it to nobody.
 * All divisions round down.
 */
export const slash = (call: Call, host: Address): Outcome<void> =>
  Result.gen(function* () {
    const { markerPercentage, treasury } = call.options
    const slashed = (collateralOf(call, host) * call.config.collateral.slashPercentage) / 100n
    const reward = call.sender === host ? 0n : (slashed * markerPercentage) / 100n
    yield* change(call, host, -slashed)
    yield* change(call, call.sender, reward)
    if (treasury !== zeroAddress) yield* change(call, treasury, slashed - reward)
  })
