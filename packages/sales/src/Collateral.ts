import type { SlotId } from "@pecia/contracts-abi"
import { type AccountLocked, type ChainError, type CollateralTooLow, Market, Stake } from "@pecia/market"
import { Reservations, type ReservationsError } from "@pecia/reservations"
import { Context, Effect, Layer, Semaphore } from "effect"

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
  const stake = Stake.of(market)
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

  const beforeReserving = <A, E, R>(slotId: SlotId, reserve: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const reserved = (yield* reservations.reservations)
        .filter((one) => one.market === "Marketplace")
        .map((one) => one.slotId)
      const held = yield* market.mySlots
      if (!held.includes(slotId)) yield* stake.check(new Set([...reserved, ...held, slotId]).size)
      return yield* reserve
    }).pipe(oneAtATime.withPermits(1), Effect.withSpan("Collateral.beforeReserving"))

  const cover = Effect.fn("Collateral.cover")(function* (slotId: SlotId) {
    yield* stake.cover(yield* slotsWith(slotId))
    covered.add(slotId)
  }, oneAtATime.withPermits(1))

  return Collateral.of({
    beforeReserving,
    cover,
    release: (slotId) => Effect.sync(() => void covered.delete(slotId)),
    withdraw: oneAtATime.withPermits(1)(market.withdraw),
  })
})
