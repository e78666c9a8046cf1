import { randomUUID } from "node:crypto"
import { Effect, Exit } from "effect"
import type { BlockStore } from "../BlockStore.ts"
import { uploadVolumePrefix } from "../UploadVolume.ts"

/** Runs `fill` with a volume of its own, which is dropped if that fails. */
export const withWorkVolume = <A, E, R>(
  store: BlockStore["Service"],
  fill: (volume: string) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => `${uploadVolumePrefix}${randomUUID()}`),
    fill,
    (volume, exit) =>
      Exit.isSuccess(exit)
        ? Effect.void
        : Effect.catch(store.drop(volume), (error) =>
            Effect.logWarning(`${volume} could not be removed; the next start does it. ${error.message}`),
          ),
  )
