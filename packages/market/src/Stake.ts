import { Address } from "@pecia/contracts-abi"
import { Effect, Schema } from "effect"
import { ChainError, NotAccepted } from "./MarketError.ts"
import type { OfferMarket } from "./OfferMarket.ts"

/** The account has not the tokens that its collateral lacks. */
export class CollateralTooLow extends Schema.TaggedError<CollateralTooLow>()("CollateralTooLow", {
  account: Address,
  /** How many slots it has to cover, the next one included. */
  slots: Schema.Int,
  /** Token base units that have to be deposited. */
  missing: Schema.BigInt,
  /** Token base units in the wallet. */
  tokens: Schema.BigInt,
}) {
  override get message() {
    const slots = this.slots === 1 ? "a slot" : `${this.slots} slots`
    return `The collateral of ${this.account} lacks ${this.missing} tokens to cover ${slots}, and its wallet holds ${this.tokens}; send it more tokens.`
  }
}

/** Another part of the node, which spends from the same allowance, was faster. */
const usedUp = new ChainError({
  reason: new NotAccepted({
    call: "deposit",
    detail: "what was approved for it has been spent otherwise",
    isRetryable: true,
  }),
})

/** What a stake needs of a contract: `Market` and `OfferMarket` both have it. */
export type StakeMarket = Pick<
  OfferMarket["Service"],
  "account" | "approveFunds" | "deposit" | "config" | "collateral" | "tokens"
>

/** A host's collateral: `initialAmount` for each slot. */
export interface Stake {
  /** Whether the wallet can pay what so many slots lack. Sends nothing. */
  readonly check: (slots: number) => Effect.Effect<void, CollateralTooLow | ChainError>
  /** Deposits what so many slots lack, slashed collateral included. One at a time, or each deposits the same. */
  readonly cover: (slots: number) => Effect.Effect<void, CollateralTooLow | ChainError>
}

export const Stake = {
  of: (market: StakeMarket): Stake => {
    const { account } = market

    /** Token base units to deposit before so many slots are covered. */
    const missingFor = Effect.fnUntraced(function* (slots: number) {
      const { collateral } = yield* market.config
      const missing = collateral.initialAmount * BigInt(slots) - (yield* market.collateral(account))
      const tokens = yield* market.tokens(account)
      if (missing > tokens) return yield* new CollateralTooLow({ account, slots, missing, tokens })
      return missing
    })

    /** Uses what is approved already before approving more, so that a deposit that failed half-way leaves nothing behind. */
    const deposit = (amount: bigint, slots: number) =>
      market.deposit(amount).pipe(
        Effect.catchTag("InsufficientAllowance", () =>
          Effect.andThen(market.approveFunds(amount), market.deposit(amount)),
        ),
        Effect.catchTags({
          // The tokens went elsewhere meanwhile: what is missing now is told, or, if they came back, it is tried again.
          InsufficientBalance: () => Effect.andThen(missingFor(slots), Effect.fail(usedUp)),
          InsufficientAllowance: () => Effect.fail(usedUp),
        }),
      )

    return {
      check: (slots) => Effect.asVoid(missingFor(slots)),
      cover: Effect.fnUntraced(function* (slots) {
        const amount = yield* missingFor(slots)
        if (amount <= 0n) return
        yield* deposit(amount, slots)
        yield* Effect.logInfo(`Deposited ${amount} tokens as collateral.`)
      }),
    }
  },
} as const
