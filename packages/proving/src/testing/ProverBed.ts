import type { OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import { Context, type Effect } from "effect"

/** What `ProverTest` needs besides a Prover: data in the prover's reach, and a hand on it. */
export class ProverBed extends Context.Service<
  ProverBed,
  {
    /** Stores bytes, laid out over slots, where the prover finds them; answers with a request for their storage. */
    readonly store: (bytes: Uint8Array, slots: number, samples: number) => Effect.Effect<StorageRequest>
    /** The same, with an open request for each slot, in their order. */
    readonly storeOpen: (bytes: Uint8Array, slots: number) => Effect.Effect<ReadonlyArray<OpenRequest>>
    /** Alters at least one byte in each 64-byte pair of everything stored. */
    readonly alter: Effect.Effect<void>
    /** Removes everything stored. */
    readonly lose: Effect.Effect<void>
  }
>()("@pecia/proving/testing/ProverBed") {}
