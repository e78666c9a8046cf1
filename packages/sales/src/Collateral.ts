import { Address } from "@pecia/contracts-abi"
import { type AccountLocked, ChainError, Market, NotAccepted } from "@pecia/market"
import { Context, Effect, Layer, Schema, Semaphore } from "effect"

/** The account has not the tokens that its collateral lacks. */
export class CollateralTooLow extends Schema.TaggedError<CollateralTooLow>()("CollateralTooLow", {
  account: Address,
  /** Token base units that have to be deposited. */
  missing: Schema.BigInt,
  /** Token base units in the wallet. */
  tokens: Schema.BigInt,
}) {
  override get message() {
    return `The collateral of ${this.account} lacks ${this.missing} tokens, and its wallet holds ${this.tokens}; send it more tokens.`
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

/**
 * The host's stake on the chain. The contract wants `initialAmount` deposited by whoever fills a slot (contract interface,
 * section 2.1); one deposit backs any number of slots, so it is topped up only when slashing has eaten from it.
 */
export class Collateral extends Context.Service<
  Collateral,
  {
    /** Whether a slot could be filled, after a deposit if need be. Sends nothing. */
    readonly check: Effect.Effect<void, CollateralTooLow | ChainError>
    /** Deposits what is missing to fill a slot; once, however many ask at the same time. */
    readonly ensure: Effect.Effect<void, CollateralTooLow | ChainError>
    /** Takes the whole collateral back. */
    readonly withdraw: Effect.Effect<void, AccountLocked | ChainError>
  }
>()("@pecia/sales/Collateral") {
  static readonly layer: Layer.Layer<Collateral, never, Market> = Layer.effect(
    Collateral,
    Effect.gen(function* () {
      const market = yield* Market
      const { account } = market
      const oneAtATime = yield* Semaphore.make(1)

      const tooLow = Effect.fnUntraced(function* (missing: bigint) {
        return yield* new CollateralTooLow({ account, missing, tokens: yield* market.tokens(account) })
      })

      /** Token base units to deposit before a slot can be filled. */
      const missing = Effect.gen(function* () {
        const { collateral } = yield* market.config
        const lacking = collateral.initialAmount - (yield* market.collateral(account))
        if (lacking > (yield* market.tokens(account))) return yield* tooLow(lacking)
        return lacking
      })

      /** Uses what is approved already before approving more, so that a deposit that failed half-way leaves nothing behind. */
      const deposit = (amount: bigint) =>
        market.deposit(amount).pipe(
          Effect.catchTag("InsufficientAllowance", () =>
            Effect.andThen(market.approveFunds(amount), market.deposit(amount)),
          ),
          Effect.catchTags({
            InsufficientBalance: () => tooLow(amount),
            InsufficientAllowance: () => Effect.fail(usedUp),
          }),
        )

      const ensure = Effect.fn("Collateral.ensure")(function* () {
        const amount = yield* missing
        if (amount <= 0n) return
        yield* deposit(amount)
        yield* Effect.logInfo(`Deposited ${amount} tokens as collateral.`)
      }, oneAtATime.withPermits(1))

      return Collateral.of({
        check: Effect.asVoid(missing),
        ensure: ensure(),
        withdraw: oneAtATime.withPermits(1)(market.withdraw),
      })
    }),
  )
}
