import type { Cid } from "@pecia/datasets"
import { Data, type Effect, type Result } from "effect"

/** The peer did not answer, or not to the end: another peer, or the same one later, may. */
export class PeerLost extends Data.TaggedError("PeerLost")<{ readonly detail: string }> {}

/** The peer sent what no honest peer sends. */
export class PeerMisbehaved extends Data.TaggedError("PeerMisbehaved")<{ readonly detail: string }> {}

/** How messages reach peers. What to ask whom, and whether to believe it, is `fetcher.ts`'s business. */
export interface Wire {
  /** The peers that can be asked now; never one that was banned. */
  readonly peers: Effect.Effect<ReadonlyArray<string>>
  /** Ends when there is a peer: at once, or when one gets connected. */
  readonly joined: Effect.Effect<void>
  /**
   * Asks for at most `batchBlocksMax` blocks. Each unverified answer, in the order asked, is given to `take`; undefined: the
   * peer has not got it. Ends early with what `take` fails with.
   */
  readonly ask: (
    peer: string,
    cids: ReadonlyArray<Cid>,
    take: (cid: Cid, index: number, bytes: Uint8Array | undefined) => Result.Result<void, PeerMisbehaved>,
  ) => Effect.Effect<void, PeerLost | PeerMisbehaved>
  /** Looks for peers that announced `near` and connects to them. */
  readonly search: (near: Cid) => Effect.Effect<void>
  /** Disconnects a peer and does not talk to it for `limits.banDuration`. */
  readonly ban: (peer: string) => Effect.Effect<void>
}
