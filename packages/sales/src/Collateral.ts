import { Address, type SlotId } from "@pecia/contracts-abi"
import { type AccountLocked, ChainError, Market, NotAccepted } from "@pecia/market"
import { Reservations, type ReservationsError } from "@pecia/reservations"
import { Context, Effect, Layer, Schema, Semaphore } from "effect"

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

/**
 * The host's stake on the chain.
 *
 * Law: no slot is filled unless the collateral is `initialAmount` for each slot that the account holds, for each that this node is
 * filling, and for the new one. The contract itself may ask for less: by default one deposit backs any number of slots (contract
 * interface, section 6, hole 4). Slashing is made good at the next filling. No space is reserved for a slot unless the tokens suffice
 * for it and for each other slot that has space, so that nothing is fetched in vain.
 */
export class Collateral extends Context.Service<
  Collateral,
  {
    /**
     * Reserves space for the slot, if it and all that have space could be filled, after a deposit if need be; for a slot that is
     * held already, in any case. One at a time, so that no tokens are counted for two slots. Sends nothing.
     */
    readonly beforeReserving: <A, E, R>(
      slotId: SlotId,
      reserve: Effect.Effect<A, E, R>,
    ) => Effect.Effect<A, E | CollateralTooLow | ChainError | ReservationsError, R>
    /** Deposits what is missing to fill the slot. From then on it counts as held, until `release`. */
    readonly cover: (slotId: SlotId) => Effect.Effect<void, CollateralTooLow | ChainError>
    /** The slot is no longer being filled: whether it is held, the chain knows. */
    readonly release: (slotId: SlotId) => Effect.Effect<void>
    /** Takes the whole collateral back. */
    readonly withdraw: Effect.Effect<void, AccountLocked | ChainError>
  }
>()("@pecia/sales/Collateral") {
  static readonly layer: Layer.Layer<Collateral, never, Market | Reservations> = Layer.effect(
    Collateral,
    Effect.suspend(() => make),
  )
}

const make = Effect.gen(function* () {
  const market = yield* Market
  const reservations = yield* Reservations
  const { account } = market
  const oneAtATime = yield* Semaphore.make(1)
  /** The slots that are being filled. */
  const covered = new Set<SlotId>()

  /**
   * How many slots are to be covered, this one included. Those being filled are read first, so that one that is mined and
   * released in between is not overlooked.
   */
  const slotsWith = Effect.fnUntraced(function* (slotId: SlotId) {
    const filling = Array.from(covered)
    return new Set([...filling, ...(yield* market.mySlots), slotId]).size
  })

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

  const beforeReserving = <A, E, R>(slotId: SlotId, reserve: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const reserved = (yield* reservations.reservations)
        .filter((one) => one.market === "Marketplace")
        .map((one) => one.slotId)
      const held = yield* market.mySlots
      if (!held.includes(slotId)) yield* missingFor(new Set([...reserved, ...held, slotId]).size)
      return yield* reserve
    }).pipe(oneAtATime.withPermits(1), Effect.withSpan("Collateral.beforeReserving"))

  const cover = Effect.fn("Collateral.cover")(function* (slotId: SlotId) {
    const slots = yield* slotsWith(slotId)
    const amount = yield* missingFor(slots)
    if (amount > 0n) {
      yield* deposit(amount, slots)
      yield* Effect.logInfo(`Deposited ${amount} tokens as collateral.`)
    }
    covered.add(slotId)
  }, oneAtATime.withPermits(1))

  return Collateral.of({
    beforeReserving,
    cover,
    release: (slotId) => Effect.sync(() => void covered.delete(slotId)),
    withdraw: oneAtATime.withPermits(1)(market.withdraw),
  })
})
