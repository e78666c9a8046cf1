import { Effect } from "effect"
import { followEvents } from "./internal/followEvents.ts"
import { Market } from "./Market.ts"
import type { MarketEvent } from "./MarketEvent.ts"

export const MarketEvents = {
  /**
   * Hands each event of the market to `handle`, one after the other, for ever: from block `fromBlock` (default: the next one) on.
   * Where reading or `handle` breaks off, it says so in the log and resumes from the block of the latest event: from then on nothing
   * is missed, and something may come twice. Before the first event it resumes as it began. It waits for half a second, and for up to
   * half a minute while it makes no progress: while no event of another block is handled than that from which it resumed.
   */
  follow: <R>(
    handle: (event: MarketEvent) => Effect.Effect<void, never, R>,
    options?: { readonly fromBlock?: bigint },
  ): Effect.Effect<never, never, R | Market> =>
    Effect.flatMap(Market, ({ events }) => followEvents("market", events, handle, options)),
}
