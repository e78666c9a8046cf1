import { Effect, Semaphore } from "effect"

/** What one peer has of something that it shares with others. */
export interface Share {
  readonly permits: Semaphore.Semaphore
  /** Those who use it now. */
  readonly users: number
}

/** A share of so many permits for each peer; it is there as long as somebody uses it. */
export const make = (permits: number) => {
  const shares = new Map<string, { readonly permits: Semaphore.Semaphore; users: number }>()
  return {
    users: (peer: string): number => shares.get(peer)?.users ?? 0,
    use: <A, E, R>(peer: string, use: (share: Share) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          const share = shares.get(peer) ?? { permits: Semaphore.makeUnsafe(permits), users: 0 }
          shares.set(peer, share)
          share.users += 1
          return share
        }),
        use,
        (share) =>
          Effect.sync(() => {
            share.users -= 1
            if (share.users === 0) shares.delete(peer)
          }),
      ),
  }
}
