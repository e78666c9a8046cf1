import { BlockSpace, SpaceError, SpaceExhausted } from "@pecia/datasets"
import { type NotHeld, type OverQuota, Reservations, type ReservationsError } from "@pecia/reservations"
import { Effect, Layer } from "effect"

const broken = (cause: ReservationsError) => new SpaceError({ cause })
const exhausted = (volume: string) => (error: NotHeld | OverQuota) =>
  new SpaceExhausted({ volume, detail: error.message })

/** The block store's quota is the node's one ledger of bytes. */
export const layer = Layer.effect(
  BlockSpace,
  Effect.map(Reservations, (ledger) =>
    BlockSpace.of({
      hold: (volume, bytes) =>
        ledger.hold(volume, bytes).pipe(
          Effect.catchTags({
            OverQuota: (e) => Effect.fail(exhausted(volume)(e)),
            ReservationsError: (e) => Effect.fail(broken(e)),
          }),
        ),
      write: (volume, bytes) =>
        ledger.write(volume, bytes).pipe(
          Effect.catchTags({
            NotHeld: (e) => Effect.fail(exhausted(volume)(e)),
            ReservationsError: (e) => Effect.fail(broken(e)),
          }),
        ),
      writeMetadata: (volume, bytes) =>
        ledger.writeMetadata(volume, bytes).pipe(
          Effect.catchTags({
            OverQuota: (e) => Effect.fail(exhausted(volume)(e)),
            ReservationsError: (e) => Effect.fail(broken(e)),
          }),
        ),
      trim: (volume) => Effect.mapError(ledger.trim(volume), broken),
      cache: (volume) => Effect.mapError(ledger.cache(volume), broken),
      keep: (volume) => Effect.mapError(ledger.keep(volume), broken),
      cached: Effect.mapError(ledger.cached, broken),
      rename: (from, to) => Effect.mapError(ledger.rename(from, to), broken),
      giveBack: (volume) => Effect.mapError(ledger.giveBack(volume), broken),
      volumes: Effect.mapError(
        Effect.map(ledger.volumes, (all) => all.map(({ name }) => name)),
        broken,
      ),
      settle: (volume, found) =>
        ledger.settle(volume, found).pipe(Effect.mapError((cause) => new SpaceError({ cause }))),
    }),
  ),
)
